//! Interprets the answers of the mail server.

use std::error::Error as _;

use lettre::transport::smtp::{Error, response::Response};

use super::connections::Failure;
use crate::letters::one_line;

/// The length to which an answer is truncated, in characters.
const MAX_RESPONSE: usize = 300;

/// The outcome of a send. Its texts contain no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Accepted by the server.
    Sent(String),
    /// Failed; a later attempt may succeed.
    Later(String),
    /// Failed for good.
    Never(String),
}

impl Outcome {
    pub(super) fn from_answer(answer: Result<Response, Failure>) -> Self {
        match answer {
            Ok(response) => {
                let lines: Vec<_> = response.message().collect();
                let said = format!("{} {}", response.code(), lines.join(" "));
                Self::Sent(without_addresses(&said))
            }
            // Our side is at fault (address, credentials, certificates): the operator has to repair it, and the letter
            // waits.
            Err(Failure::Connecting(failure)) => {
                Self::Later(without_addresses(&failure.to_string()))
            }
            Err(Failure::Sender(failure)) => Self::Later(reason(&failure)),
            // Most servers reject the sender only now.
            Err(Failure::Recipient(failure)) if is_final(&failure) && !is_about_us(&failure) => {
                Self::Never(reason(&failure))
            }
            Err(Failure::Message(failure)) if is_final(&failure) => Self::Never(reason(&failure)),
            Err(Failure::Recipient(failure) | Failure::Message(failure)) => {
                Self::Later(reason(&failure))
            }
            Err(Failure::NotAscii) => Self::Never(
                "the mail server cannot write to an address that is not ASCII (SMTPUTF8)"
                    .to_owned(),
            ),
        }
    }
}

/// Returns true when the same letter would be rejected again.
fn is_final(failure: &Error) -> bool {
    matches!(
        failure.status().map(u16::from),
        Some(501 | 510 | 511 | 550 | 551 | 553 | 554 | 555 | 556)
    )
}

/// Returns true when the enhanced status (RFC 3463) concerns the sender, not the recipient: 5.1.7 and 5.1.8 are about its
/// address, 5.7 about permissions, such as relaying.
fn is_about_us(failure: &Error) -> bool {
    let said = failure.source().map(ToString::to_string);
    let said = said.unwrap_or_default();
    let status = said.split_whitespace().next().unwrap_or_default();
    matches!(status, "5.1.7" | "5.1.8") || status.starts_with("5.7.")
}

fn reason(failure: &Error) -> String {
    without_addresses(&failure.to_string())
}

/// Removes addresses, which servers often repeat and which must not be stored or logged.
fn without_addresses(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        if word.contains('@') {
            "[address]"
        } else {
            word
        }
    });
    one_line(&words.collect::<Vec<_>>().join(" "), MAX_RESPONSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_addresses_keeps_the_surrounding_text() {
        assert_eq!(
            without_addresses("550 5.1.1 <ann@example.com>: no such user,\r\n ann@example.com"),
            "550 5.1.1 [address] no such user, [address]"
        );
    }
}
