//! Two readings of opening handshakes.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::handshake::run(input));
