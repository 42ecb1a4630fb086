//! Text as a block of scenarios.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::scenario::run(input));
