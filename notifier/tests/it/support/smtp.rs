//! A scripted mail server: it speaks the real protocol, keeps every message as received, and can answer, hang or
//! disconnect by recipient.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use notifier::settings::{Smtp, Tls};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};

use super::within_a_minute;

/// The server's reaction to a letter.
#[derive(Clone)]
pub enum Act {
    /// Accepts it.
    Take,
    /// Answers its recipient with this.
    Answer(&'static str),
    /// Answers its recipient with this, then hangs.
    AnswerAndHang(&'static str),
    /// Answers the message with this.
    AnswerMessage(&'static str),
    /// Never answers its recipient.
    Hang,
    /// Disconnects instead of answering the recipient.
    Drop,
    /// Disconnects instead of answering the message, so that its outcome is unknown.
    DropAfterMessage,
    /// Accepts it once the semaphore has a permit.
    Hold(Arc<Semaphore>),
    /// Accepts it and disconnects.
    TakeAndClose,
}

/// An accepted message.
#[derive(Clone, Debug)]
pub struct Mail {
    /// The recipients of the envelope.
    pub to: Vec<String>,
    /// The message as received: lines end in CRLF, dots are unstuffed.
    pub data: String,
}

impl Mail {
    pub fn headers(&self) -> &str {
        self.data.split_once("\r\n\r\n").unwrap().0
    }

    /// Returns the raw value of a header, folded lines joined.
    pub fn header(&self, name: &str) -> String {
        let unfolded = self.headers().replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        let mut values = unfolded
            .split("\r\n")
            .filter_map(|line| line.strip_prefix(&prefix).map(str::to_owned));
        let value = values.next();
        assert_eq!(values.next(), None, "two headers {name}");
        value.unwrap_or_else(|| panic!("no header {name} in:\n{unfolded}"))
    }
}

#[derive(Default)]
struct State {
    scripts: HashMap<String, VecDeque<Act>>,
    otherwise: HashMap<String, Act>,
    taken: Vec<Mail>,
    /// Every recipient of RCPT TO, in order.
    named: Vec<String>,
    connections: usize,
    hanging: usize,
}

/// The server, which ends with the runtime of its test.
#[derive(Clone)]
pub struct SmtpServer {
    port: u16,
    state: Arc<watch::Sender<State>>,
    /// Its greeting, and its answer to a sender.
    says: Arc<Mutex<[&'static str; 2]>>,
}

impl SmtpServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            state: Arc::new(watch::Sender::new(State::default())),
            says: Arc::new(Mutex::new(["220 scripted", "250 go on"])),
        };
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                accepting.state.send_modify(|state| state.connections += 1);
                let server = accepting.clone();
                // The client may have disconnected.
                tokio::spawn(async move { server.converse(stream).await.ok() });
            }
        });
        server
    }

    pub fn settings(&self) -> Smtp {
        Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            credentials: None,
            tls: Tls::None,
        }
    }

    /// Sets the reactions to the next letters to a recipient, in order; later ones are accepted.
    pub fn next(&self, recipient: &str, acts: impl IntoIterator<Item = Act>) {
        self.state.send_modify(|state| {
            state
                .scripts
                .insert(recipient.to_owned(), acts.into_iter().collect());
        });
    }

    /// Sets the reaction to every letter to a recipient.
    pub fn always(&self, recipient: &str, act: Act) {
        self.state.send_modify(|state| {
            state.otherwise.insert(recipient.to_owned(), act);
        });
    }

    /// Sets the greeting.
    pub fn greets(&self, greeting: &'static str) {
        self.says.lock().unwrap()[0] = greeting;
    }

    /// Sets the answer to every sender.
    pub fn answers_senders(&self, answer: &'static str) {
        self.says.lock().unwrap()[1] = answer;
    }

    /// Returns the accepted messages.
    pub fn mails(&self) -> Vec<Mail> {
        self.state.borrow().taken.clone()
    }

    /// Returns the recipients of accepted messages, sorted.
    pub fn recipients(&self) -> Vec<String> {
        let mut all: Vec<_> = self.mails().into_iter().flat_map(|mail| mail.to).collect();
        all.sort();
        all
    }

    /// Counts the attempts to send to a recipient.
    pub fn attempts(&self, recipient: &str) -> usize {
        let state = self.state.borrow();
        let named = state.named.iter();
        named.filter(|one| *one == recipient).count()
    }

    /// Counts the connections.
    pub fn connections(&self) -> usize {
        self.state.borrow().connections
    }

    /// Waits until this many messages are accepted. Returns them.
    pub async fn takes(&self, count: usize) -> Vec<Mail> {
        self.until(|state| state.taken.len() >= count).await;
        self.mails()
    }

    /// Waits until a recipient was named this many times.
    pub async fn is_asked_for(&self, recipient: &str, times: usize) {
        self.until(|state| {
            let named = state.named.iter();
            named.filter(|one| *one == recipient).count() >= times
        })
        .await;
    }

    /// Waits until this many letters hang.
    pub async fn hangs(&self, count: usize) {
        self.until(|state| state.hanging >= count).await;
    }

    async fn until(&self, condition: impl Fn(&State) -> bool) {
        let mut changes = self.state.subscribe();
        within_a_minute(changes.wait_for(|state| condition(state)))
            .await
            .unwrap();
    }

    fn act(&self, recipient: &str) -> Act {
        let mut act = Act::Take;
        self.state.send_modify(|state| {
            state.named.push(recipient.to_owned());
            let script = state.scripts.get_mut(recipient);
            let next = script.and_then(VecDeque::pop_front);
            let next = next.or_else(|| state.otherwise.get(recipient).cloned());
            act = next.unwrap_or(Act::Take);
        });
        act
    }

    /// Hangs until the client disconnects.
    async fn hang(&self, stream: &mut BufReader<TcpStream>) -> std::io::Result<()> {
        self.state.send_modify(|state| state.hanging += 1);
        let gone = stream.read_to_end(&mut Vec::new()).await;
        self.state.send_modify(|state| state.hanging -= 1);
        gone.map(|_| ())
    }

    async fn converse(&self, stream: TcpStream) -> std::io::Result<()> {
        let mut stream = BufReader::new(stream);
        let [greeting, _] = *self.says.lock().unwrap();
        say(&mut stream, greeting).await?;
        let (mut to, mut end) = (Vec::new(), Act::Take);
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end();
            let (verb, _) = line.split_once(' ').unwrap_or((line, ""));
            match verb.to_ascii_uppercase().as_str() {
                "EHLO" => say(&mut stream, "250-scripted\r\n250 8BITMIME").await?,
                "MAIL" => {
                    to = Vec::new();
                    let [_, answer] = *self.says.lock().unwrap();
                    say(&mut stream, answer).await?;
                }
                "RCPT" => {
                    let address = line
                        .split_once('<')
                        .and_then(|(_, rest)| rest.split_once('>'));
                    let address = address.unwrap().0.to_owned();
                    match self.act(&address) {
                        Act::Answer(answer) => say(&mut stream, answer).await?,
                        Act::AnswerAndHang(answer) => {
                            say(&mut stream, answer).await?;
                            return self.hang(&mut stream).await;
                        }
                        Act::Drop => return Ok(()),
                        Act::Hang => return self.hang(&mut stream).await,
                        act => {
                            end = act;
                            to.push(address);
                            say(&mut stream, "250 go on").await?;
                        }
                    }
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await?;
                    let data = message(&mut stream).await?;
                    match &end {
                        Act::DropAfterMessage => return Ok(()),
                        Act::AnswerMessage(answer) => {
                            say(&mut stream, answer).await?;
                            continue;
                        }
                        Act::Hold(permits) => permits.acquire().await.unwrap().forget(),
                        _ => {}
                    }
                    let to = to.clone();
                    let mail = Mail { to, data };
                    self.state.send_modify(|state| state.taken.push(mail));
                    say(&mut stream, "250 2.0.0 taken").await?;
                    if matches!(end, Act::TakeAndClose) {
                        return Ok(());
                    }
                }
                "QUIT" => return say(&mut stream, "221 bye").await,
                _ => say(&mut stream, "502 what?").await?,
            }
        }
    }
}

async fn say(stream: &mut BufReader<TcpStream>, line: &str) -> std::io::Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await
}

async fn message(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        assert!(line.ends_with("\r\n"), "a bare line feed in {line:?}");
        assert!(line.len() <= 1_000, "a line of {} octets", line.len());
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
