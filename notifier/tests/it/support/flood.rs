//! A mail server that floods: instead of one of its answers it repeats a text without end.

use notifier::settings::{Smtp, Tls};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Stands for a command: the client has connected.
pub const CONNECTED: &str = "connected";

/// Starts a server that answers this command, or [`CONNECTED`], with this text without end.
pub async fn start(command: &'static str, text: &'static str, tls: Tls) -> Smtp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client may have disconnected.
            tokio::spawn(async move { converse(stream, command, text).await.ok() });
        }
    });
    Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        credentials: None,
        tls,
    }
}

async fn converse(stream: TcpStream, command: &str, text: &str) -> std::io::Result<()> {
    let (mut stream, mut line) = (BufReader::new(stream), CONNECTED.to_owned());
    loop {
        let verb = line.split_whitespace().next().unwrap_or_default();
        if verb == command {
            let much = text.repeat(64 * 1024 / text.len());
            loop {
                stream.write_all(much.as_bytes()).await?;
            }
        }
        stream.write_all(usual(verb).as_bytes()).await?;
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
    }
}

/// Returns the usual answer to a command; none to the lines of a message.
fn usual(verb: &str) -> &'static str {
    match verb {
        CONNECTED => "220 hello\r\n",
        "EHLO" => "250-hello\r\n250 STARTTLS\r\n",
        "DATA" => "354 go on\r\n",
        "MAIL" | "RCPT" | "STARTTLS" | "." => "250 go on\r\n",
        _ => "",
    }
}
