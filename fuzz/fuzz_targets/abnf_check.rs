//! Checks, drawings and prints of any grammar.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::abnf::checks(input));
