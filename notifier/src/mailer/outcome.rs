//! What a mail server's answer means for a letter.

use std::error::Error as _;

use lettre::transport::smtp::{Error, response::Response};

use super::connections::Failure;
use crate::letters::one_line;

/// How much of a server's answer is kept, in characters.
const MAX_RESPONSE: usize = 300;

/// What became of a letter. The texts hold no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server answers for it now.
    Sent(String),
    /// It may work later.
    Later(String),
    /// It will never work.
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
            // Of ourselves (our address, credentials, certificates): for the operator to repair, and the letter waits.
            Err(Failure::Connecting(failure)) => {
                Self::Later(without_addresses(&failure.to_string()))
            }
            Err(Failure::Sender(failure)) => Self::Later(reason(&failure)),
            // Most servers say only now what they have against the sender.
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

/// Will the same letter be refused again?
fn is_final(failure: &Error) -> bool {
    matches!(
        failure.status().map(u16::from),
        Some(501 | 510 | 511 | 550 | 551 | 553 | 554 | 555 | 556)
    )
}

/// Does the enhanced status (RFC 3463) say that it is not about the recipient? 5.1.7 and 5.1.8 are about the sender's
/// address, 5.7 about what we may do: relaying is denied with it.
fn is_about_us(failure: &Error) -> bool {
    let said = failure.source().map(ToString::to_string);
    let said = said.unwrap_or_default();
    let status = said.split_whitespace().next().unwrap_or_default();
    matches!(status, "5.1.7" | "5.1.8") || status.starts_with("5.7.")
}

fn reason(failure: &Error) -> String {
    without_addresses(&failure.to_string())
}

/// Servers like to repeat the address, and it must not go where this text goes.
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
    fn without_addresses_keeps_the_words_around_them() {
        assert_eq!(
            without_addresses("550 5.1.1 <ann@example.com>: no such user,\r\n ann@example.com"),
            "550 5.1.1 [address] no such user, [address]"
        );
    }
}
