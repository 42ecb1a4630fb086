//! Two readings of the octets of an open connection.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| wsconform_fuzz::frames::run(input));
