//! Rules of any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::abnf::reads(input));
