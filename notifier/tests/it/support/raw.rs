//! A record that no Rust client library would write, in Kafka's own protocol.
//! Source: <https://kafka.apache.org/protocol>, Produce version 3; record batches of version 2.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use outbox::kafka::Record;

const PRODUCE: i16 = 0;
const VERSION: i16 = 3;

/// Puts one record on a partition. Its header names are bytes, as in Kafka.
pub fn put(server: &str, topic: &str, partition: i32, record: &Record, names: &[&[u8]]) {
    let batch = batch(record, names);
    let mut request = Vec::new();
    request.extend(PRODUCE.to_be_bytes());
    request.extend(VERSION.to_be_bytes());
    request.extend(1_i32.to_be_bytes()); // correlation
    request.extend((-1_i16).to_be_bytes()); // no client id
    request.extend((-1_i16).to_be_bytes()); // no transaction
    request.extend((-1_i16).to_be_bytes()); // acks: all
    request.extend(10_000_i32.to_be_bytes());
    request.extend(1_i32.to_be_bytes());
    request.extend((topic.len() as i16).to_be_bytes());
    request.extend(topic.as_bytes());
    request.extend(1_i32.to_be_bytes());
    request.extend(partition.to_be_bytes());
    request.extend((batch.len() as i32).to_be_bytes());
    request.extend(batch);

    let mut stream = TcpStream::connect(server).unwrap();
    stream
        .write_all(&(request.len() as i32).to_be_bytes())
        .unwrap();
    stream.write_all(&request).unwrap();
    let mut size = [0; 4];
    stream.read_exact(&mut size).unwrap();
    let mut answer = vec![0; i32::from_be_bytes(size) as usize];
    stream.read_exact(&mut answer).unwrap();
    // The error follows the correlation id, count, topic, count and partition.
    let at = 4 + 4 + 2 + topic.len() + 4 + 4;
    assert_eq!(answer[at..at + 2], [0, 0], "the broker took it: {answer:?}");
}

fn batch(record: &Record, names: &[&[u8]]) -> Vec<u8> {
    let record = record_bytes(record, names);
    let mut rest = Vec::new();
    rest.extend(0_i32.to_be_bytes()); // the leader's epoch
    rest.push(2); // version
    rest.extend(0_u32.to_be_bytes()); // a checksum, at which the broker in the process does not look
    rest.extend(0_i16.to_be_bytes()); // not compressed
    rest.extend(0_i32.to_be_bytes()); // the last record is the first
    rest.extend([0; 16]); // from when, until when
    rest.extend((-1_i64).to_be_bytes()); // no producer id
    rest.extend((-1_i16).to_be_bytes());
    rest.extend((-1_i32).to_be_bytes());
    rest.extend(1_i32.to_be_bytes());
    rest.extend(record);
    let mut batch = 0_i64.to_be_bytes().to_vec();
    batch.extend((rest.len() as i32).to_be_bytes());
    batch.extend(rest);
    batch
}

fn record_bytes(record: &Record, names: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![0]; // no attributes
    number(&mut bytes, 0); // when
    number(&mut bytes, 0); // where
    text(&mut bytes, &record.key);
    text(&mut bytes, &record.payload);
    number(&mut bytes, record.headers.len() + names.len());
    for (name, value) in &record.headers {
        text(&mut bytes, name.as_bytes());
        text(&mut bytes, value);
    }
    for name in names {
        text(&mut bytes, name);
        text(&mut bytes, b"1");
    }
    let mut whole = Vec::new();
    number(&mut whole, bytes.len());
    whole.extend(bytes);
    whole
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    number(bytes, text.len());
    bytes.extend(text);
}

/// Writes a number as a Kafka varint: zigzag, seven bits a byte.
fn number(bytes: &mut Vec<u8>, value: usize) {
    let mut left = value << 1;
    while left > 0x7f {
        bytes.push((left & 0x7f) as u8 | 0x80);
        left >>= 7;
    }
    bytes.push(left as u8);
}
