//! Courses of numbers as event files that TensorBoard reads.
//!
//! Records are those of TFRecord, their contents `Event` messages as protocol buffers. Of the libraries that write them one needs the compiler
//! of protocol buffers at build time, another brings the decoders of pictures; three fields of one message need neither.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, OrFailure};
use crate::files;

/// A number of the course, by step.
pub struct Scalar {
    pub step: u64,
    /// Seconds since the beginning.
    pub seconds: f64,
    pub tag: &'static str,
    pub value: f64,
}

/// Writes the scalars as the one event file of a folder, replacing it if it is there; returns its path.
///
/// # Errors
/// Failure when the folder or the file cannot be written.
pub fn write(folder: &Path, scalars: impl Iterator<Item = Scalar>) -> Result<PathBuf, Failure> {
    let path = folder.join("events.out.tfevents.0.qloom");
    std::fs::create_dir_all(folder).or_work(format!("cannot make {}", folder.display()))?;
    files::write_whole(&path, &bytes(scalars))?;
    Ok(path)
}

fn bytes(scalars: impl Iterator<Item = Scalar>) -> Vec<u8> {
    let mut file = record(&field(3, b"brain.Event:2"));
    for Scalar { step, seconds, tag, value } in scalars {
        let mut number = field(1, tag.as_bytes());
        number.push(2 << 3 | 5);
        number.extend((value as f32).to_le_bytes());
        let mut event = vec![1 << 3 | 1];
        event.extend(seconds.to_le_bytes());
        event.push(2 << 3);
        event.extend(varint(step));
        event.extend(field(5, &field(1, &number)));
        file.extend(record(&event));
    }
    file
}

/// A field of bytes: a text or a message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    field.extend(varint(content.len() as u64));
    field.extend(content);
    field
}

/// Seven bits a byte, the lowest first; all but the last byte have their highest bit set.
fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// A record: the length, its checksum, the content, its checksum.
fn record(content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64).to_le_bytes();
    let parts: [&[u8]; 4] = [&length, &masked(&length), content, &masked(content)];
    parts.concat()
}

/// The CRC-32C of Castagnoli, turned and shifted as TFRecord has it, so that checksums of checksums stay good ones.
fn masked(content: &[u8]) -> [u8; 4] {
    let crc = !content.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0x82F6_3B78 } else { crc >> 1 })
    });
    crc.rotate_right(15).wrapping_add(0xA282_EAD8).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes that tensorboard 2.21 writes for the same two events.
    #[test]
    fn bytes_are_those_of_tensorboard() {
        let scalar = Scalar { step: 300, seconds: 1.5, tag: "best error", value: 0.25 };
        let found: String = bytes([scalar].into_iter()).iter().map(|byte| format!("{byte:02x}")).collect();
        let expected = "0f000000000000006d532b091a0d627261696e2e4576656e743a32fc985129\
            2100000000000000017becf609000000000000f83f10ac022a130a110a0a62657374206572726f72150000803eb2e7a048";
        assert_eq!(found, expected);
    }
}
