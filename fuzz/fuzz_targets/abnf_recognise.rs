//! Any octets against any grammar.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::abnf::recognises(input));
