//! Mail servers that send too much: one repeats a text without end instead of one of its answers, another sends more
//! clear text after its answer to STARTTLS.

use std::io;

use notifier::settings::{Smtp, Tls};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// Stands for a command: the client has connected.
pub const CONNECTED: &str = "connected";

/// Starts a server that answers this command, or [`CONNECTED`], with this text without end.
pub async fn start(command: &'static str, text: &'static str, tls: Tls) -> Smtp {
    serve(tls, move |stream| converse(stream, command, text)).await
}

/// Starts a server whose answer to STARTTLS is followed by clear text, as an attacker in the middle would inject it.
pub async fn start_injecting() -> Smtp {
    serve(Tls::Starttls, |stream| async move {
        let (mut stream, mut line) = (BufReader::new(stream), String::new());
        for answer in [usual(CONNECTED), usual("EHLO"), "220 go on\r\n250 more\r\n"] {
            stream.write_all(answer.as_bytes()).await?;
            stream.read_line(&mut line).await?;
        }
        Ok(())
    })
    .await
}

/// Serves every connection by `converse`.
async fn serve<F>(tls: Tls, converse: impl Fn(TcpStream) -> F + Send + 'static) -> Smtp
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // The client may have disconnected.
            tokio::spawn(converse(stream));
        }
    });
    Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        credentials: None,
        tls,
    }
}

async fn converse(stream: TcpStream, command: &'static str, text: &'static str) -> io::Result<()> {
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
