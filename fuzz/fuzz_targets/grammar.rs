//! The grammar of the book and a parser, on the same octets.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::grammar::run(input));
