//! E-mail addresses: validation, and one canonical spelling for each mailbox.

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

use crate::text::normalized;

/// The maximum length of a local part and of an address, in bytes (RFC 5321, 4.5.3.1).
const MAX_LOCAL: usize = 64;
const MAX: usize = 254;
/// The characters of an atom besides letters and digits (RFC 5322, 3.2.3).
const ATOM: &str = "!#$%&'*+-/=?^_`{|}~";
/// The top-level domain that is reserved for names that do not exist (RFC 6761, 6.4).
const RESERVED_DOMAIN: &str = "invalid";

/// Returns the canonical spelling of an address: the local part in lower case, the domain as A-labels (RFC 5890). Returns
/// `None` for an address that cannot receive mail: with a display name, a quoted local part, or an IP address or reserved
/// name as its domain.
#[must_use]
pub fn canonical(text: &str) -> Option<String> {
    let (local, domain) = text.trim().rsplit_once('@')?;
    let local = normalized(&local.to_lowercase());
    let domain = mail_domain(domain)?;
    let address = format!("{local}@{domain}");
    (is_dot_atom(&local) && local.len() <= MAX_LOCAL && address.len() <= MAX).then_some(address)
}

/// Lists the spellings under which an account may be stored, most likely first: earlier versions stored addresses as they
/// were sent, in lower case. Empty for a text that no database accepts.
#[must_use]
pub fn spellings(text: &str) -> Vec<String> {
    let sent = text.trim().to_lowercase();
    if sent.contains(char::is_control) {
        return Vec::new();
    }
    let kept = canonical(text);
    let unicode = kept.as_deref().map(with_unicode_domain);
    let mut spellings = vec![sent];
    for other in [kept, unicode].into_iter().flatten() {
        if !spellings.contains(&other) {
            spellings.push(other);
        }
    }
    spellings
}

/// Returns the key of a mailbox: the canonical address, or the lower-cased text where there is none.
#[must_use]
pub fn mailbox_key(text: &str) -> String {
    canonical(text).unwrap_or_else(|| text.trim().to_lowercase())
}

/// Returns the address with its domain as U-labels.
fn with_unicode_domain(address: &str) -> String {
    let (local, domain) = address.rsplit_once('@').unwrap_or_default();
    format!("{local}@{}", idna::domain_to_unicode(domain).0)
}

fn mail_domain(domain: &str) -> Option<String> {
    let domain = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Verify,
        )
        .ok()?;
    let last = domain.rsplit('.').next()?;
    let is_address = last.bytes().all(|byte| byte.is_ascii_digit());
    (!is_address && last != RESERVED_DOMAIN).then(|| domain.into_owned())
}

fn is_dot_atom(local: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || ATOM.contains(c);
    local
        .split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_returns_one_spelling_per_mailbox() {
        for (sent, kept) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("ann@bücher.example", "ann@xn--bcher-kva.example"),
            ("ann@BU\u{308}CHER.example", "ann@xn--bcher-kva.example"),
            ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
            ("ann@bücher\u{3002}example", "ann@xn--bcher-kva.example"),
            ("Jo\u{308}rg@example.com", "jörg@example.com"),
            ("a.b+c_d'e@sub.example.co", "a.b+c_d'e@sub.example.co"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(canonical(sent).as_deref(), Some(kept), "{sent}");
        }
    }

    #[test]
    fn canonical_rejects_undeliverable_addresses() {
        let long = format!("{}@example.com", "a".repeat(65));
        for text in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@@example.com",
            "ann@b@example.com",
            "Ann <ann@example.com>",
            "\"a b\"@example.com",
            "a b@example.com",
            ".a@example.com",
            "a..b@example.com",
            "a.@example.com",
            "ann@[127.0.0.1]",
            "ann@[IPv6:::1]",
            "ann@127.0.0.1",
            "ann@example..com",
            "ann@example.com.",
            "ann@-a.example",
            "ann@a_b.example",
            "ann@a b.example",
            "ann@xn--a.example",
            "deleted-3@deleted.invalid",
            "ann@INVALID",
            "ann@\u{200b}.example",
            "a\u{202e}b@example.com",
            "a\u{200b}@example.com",
            "a\0@example.com",
            "ann@a\u{0}.example",
            "ann@example.com\nBcc: x@example.com",
            &long,
        ] {
            assert_eq!(canonical(text), None, "{text:?}");
        }
    }

    #[test]
    fn spellings_start_with_the_one_sent() {
        assert_eq!(spellings("Ann@example.com"), ["ann@example.com"]);
        let a_label = "ann@xn--bcher-kva.example";
        assert_eq!(
            spellings("ann@Bücher.example"),
            ["ann@bücher.example", a_label]
        );
        assert_eq!(spellings(a_label), [a_label, "ann@bücher.example"]);
        assert_eq!(spellings("\"a b\"@example.com"), ["\"a b\"@example.com"]);
        assert_eq!(spellings("a\0@example.com"), [""; 0]);
    }
}
