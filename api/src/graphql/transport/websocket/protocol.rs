//! The messages and close codes of the protocol graphql-transport-ws.
//!
//! Source: <https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md>

use std::{borrow::Cow, fmt};

use async_graphql::{Response as Executed, ServerError};
use axum::http::{HeaderName, HeaderValue, header::AUTHORIZATION};
use exchange::error::{Error, Kind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;

use crate::{
    graphql::parameters::Parameters,
    http::{credentials::X_USER_ID, media_type::strip_bom},
};

/// What the client asks for as Sec-WebSocket-Protocol.
pub const PROTOCOL: &str = "graphql-transport-ws";

/// The longest reason of a close, in bytes: a control frame has no room for more.
const MAX_REASON: usize = 123;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromClient {
    ConnectionInit {
        payload: Option<Init>,
    },
    Ping {
        payload: Option<Map<String, Value>>,
    },
    Pong {
        #[serde(rename = "payload")]
        _payload: Option<Map<String, Value>>,
    },
    Subscribe {
        id: String,
        payload: Parameters,
    },
    Complete {
        id: String,
    },
}

/// What a client says first. Members that are not known are left alone.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub struct Init(Map<String, Value>);

/// What a client is told.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToClient {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<Map<String, Value>>,
    },
    Next {
        id: String,
        payload: Box<Executed>,
    },
    /// The operation was not executed.
    Error {
        id: String,
        payload: Vec<ServerError>,
    },
    Complete {
        id: String,
    },
}

/// Why a connection is closed, as a code and in words.
#[derive(Debug)]
pub struct Close {
    code: u16,
    reason: Cow<'static, str>,
}

impl FromClient {
    pub fn read(text: &str) -> Result<Self, Close> {
        let text = strip_bom(text.as_bytes());
        let message: Self = serde_json::from_slice(text).map_err(Close::invalid)?;
        match &message {
            Self::Subscribe { id, .. } if id.is_empty() => Err(Close::invalid("its id is empty")),
            _ => Ok(message),
        }
    }
}

impl Init {
    /// The members that say who is asking, named like the headers that do, in upper or lower case.
    pub fn credentials(self) -> Result<Vec<(HeaderName, HeaderValue)>, Close> {
        let mut credentials = Vec::new();
        for (name, value) in self.0 {
            let header = [AUTHORIZATION, X_USER_ID]
                .into_iter()
                .find(|header| name.eq_ignore_ascii_case(header.as_str()));
            let Some(header) = header else {
                continue;
            };
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Null => continue,
                _ => return Err(Close::invalid(format!("{name} must be a text"))),
            };
            let value = HeaderValue::try_from(text).map_err(Close::invalid)?;
            credentials.push((header, value));
        }
        Ok(credentials)
    }
}

impl fmt::Display for ToClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Close {
    pub const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    pub const PROTOCOL: Self = Self::new(
        4406,
        "Subprotocol not acceptable: ask for graphql-transport-ws",
    );
    pub const INIT_TIMEOUT: Self = Self::new(4408, "Connection initialisation timeout");
    pub const RATE_LIMITED: Self = Self::new(
        1008,
        "Too many messages: at most 100 at once and 50 a second, pings included",
    );
    pub const INIT_TWICE: Self = Self::new(4429, "Too many initialisation requests");
    pub const RESTART: Self = Self::new(1012, "This instance stops: connect again");

    const fn new(code: u16, reason: &'static str) -> Self {
        Self {
            code,
            reason: Cow::Borrowed(reason),
        }
    }

    /// The message is none of the protocol.
    pub fn invalid(why: impl fmt::Display) -> Self {
        Self::with(4400, format!("Invalid message: {why}"))
    }

    /// The operation has the id of one that is under way.
    pub fn duplicate(id: &str) -> Self {
        Self::with(4409, format!("Subscriber for {id} already exists"))
    }

    /// It is not known who is asking. A client may come back with a new token.
    pub fn forbidden(failure: &Error) -> Self {
        failure.log();
        match failure.kind() {
            Kind::Unauthenticated => Self::with(4403, format!("Forbidden: {failure}")),
            Kind::Unavailable { .. } => Self::new(1013, "Try again later"),
            _ => Self::new(4500, "Internal server error"),
        }
    }

    fn with(code: u16, mut reason: String) -> Self {
        reason.truncate(reason.floor_char_boundary(MAX_REASON));
        Self {
            code,
            reason: reason.into(),
        }
    }

    pub fn frame(self) -> CloseFrame {
        CloseFrame {
            code: self.code.into(),
            reason: self.reason.as_ref().into(),
        }
    }
}
