//! The settings of Kafka.

use entity::event::asyncapi::TOPIC;
use platform::settings::{SettingError, Source};

/// The brokers, the topic of events and the consumer group.
#[derive(Clone, Debug)]
pub struct Kafka {
    /// Hosts with ports, separated by commas.
    pub bootstrap_servers: String,
    pub topic: String,
    pub group: String,
}

impl Kafka {
    /// Reads the settings; an empty value counts as none. Returns `None` without `KAFKA_BOOTSTRAP_SERVERS`.
    pub fn read(source: &Source<'_>) -> Result<Option<Self>, SettingError> {
        let topic = source.text("KAFKA_TOPIC")?.unwrap_or_else(|| TOPIC.into());
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        // Kafka's limit is 249; the name of the dead-letter topic is five characters longer.
        let is_directory = matches!(topic.as_str(), "." | "..");
        if topic.len() > 244 || !topic.chars().all(is_allowed) || is_directory {
            let problem =
                format!("may have up to 244 letters, digits, '.', '_' and '-', but is {topic:?}");
            return Err(SettingError::new("KAFKA_TOPIC", problem));
        }
        let group = source
            .text("KAFKA_GROUP")?
            .unwrap_or_else(|| "email-notification-group".into());
        let Some(bootstrap_servers) = source.text("KAFKA_BOOTSTRAP_SERVERS")? else {
            return Ok(None);
        };
        let address = |text: &str| {
            let (host, port) = text.trim().rsplit_once(':')?;
            (!host.is_empty() && port.parse::<u16>().is_ok()).then_some(())
        };
        if bootstrap_servers
            .split(',')
            .any(|one| address(one).is_none())
        {
            let problem = format!(
                "must list hosts with ports such as kafka:9092, but is {bootstrap_servers:?}"
            );
            return Err(SettingError::new("KAFKA_BOOTSTRAP_SERVERS", problem));
        }
        Ok(Some(Self {
            bootstrap_servers,
            topic,
            group,
        }))
    }

    /// Returns the name of the dead-letter topic, for records that cannot be decoded.
    #[must_use]
    pub fn dead_topic(&self) -> String {
        format!("{}.dead", self.topic)
    }
}
