//! The address of the client behind a request, for limits by client.
//!
//! It is the address of the other end of the connection, unless that is a proxy that the operator trusts: then it is
//! the address that the proxy forwards.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderName, request::Parts},
};
use ipnet::IpNet;

/// The header to which each proxy appends the address from which it got the request.
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
/// The header in which a proxy states the one address that it got the request from.
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
/// The client address of a request without a connection, as in tests.
const NO_CONNECTION: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// The bits of an IPv6 address that identify a customer of a provider: the first 64.
const IPV6_CUSTOMER: u128 = u128::MAX << 64;

/// The address of the client that sent a request. An extension of every request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The address of the other end of a connection. An extension of every request from a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// The proxies whose forwarded client addresses are trusted. Parses a list of addresses and of networks such as
/// `172.16.0.0/12`, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl ClientAddress {
    /// Returns the address in the extensions of a request.
    #[must_use]
    pub fn from_extensions(extensions: &Extensions) -> Self {
        extensions.get().copied().unwrap_or(Self(NO_CONNECTION))
    }

    /// Returns the key of per-client limits: all addresses of an IPv6 customer share one.
    #[must_use]
    pub fn rate_limit_key(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & IPV6_CUSTOMER))
            }
            v4 => v4,
        }
    }
}

impl TrustedProxies {
    /// Returns the address of the client that sent a request with these headers over a connection with this extension.
    #[must_use]
    pub fn client_address(&self, extensions: &Extensions, headers: &HeaderMap) -> ClientAddress {
        let peer = extensions.get().map_or(NO_CONNECTION, |Peer(peer)| *peer);
        let peer = peer.to_canonical();
        ClientAddress(if self.contains(peer) {
            self.forwarded(peer, headers)
        } else {
            peer
        })
    }

    /// Walks back from the proxy at `peer` to the first address that is not a trusted proxy. The client may have made
    /// up anything before it.
    fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let chain = headers.get_all(X_FORWARDED_FOR).iter();
        let chain: Vec<_> = chain
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        if chain.is_empty() {
            let real = headers.get(X_REAL_IP).and_then(|value| value.to_str().ok());
            return real.and_then(parse_address).unwrap_or(peer);
        }
        let mut client = peer;
        for hop in chain.into_iter().rev() {
            let Some(address) = parse_address(hop) else {
                break;
            };
            client = address;
            if !self.contains(address) {
                break;
            }
        }
        client
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

impl FromStr for TrustedProxies {
    /// The entry of the list that is neither an address nor a network.
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let entries = list.split(',').map(str::trim);
        entries
            .filter(|entry| !entry.is_empty())
            .map(|entry| {
                let address = entry.parse::<IpAddr>().map(IpNet::from);
                address
                    .or_else(|_| entry.parse())
                    .map_err(|_| entry.to_owned())
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_extensions(&parts.extensions))
    }
}

/// Reads an address as proxies write it, with or without a port.
fn parse_address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>();
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    let address = address.or_else(|_| with_port()).ok()?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const XFF: &str = "x-forwarded-for";
    const REAL: &str = "x-real-ip";

    type Headers = &'static [(&'static str, &'static str)];

    /// Returns the client's address for this peer and these headers, where 10.0.0.0/8 and 2001:db8::1 are trusted.
    fn client(peer: &str, headers: Headers) -> String {
        let proxies: TrustedProxies = "10.0.0.0/8, 2001:db8::1".parse().unwrap_or_default();
        let mut extensions = Extensions::new();
        extensions.insert(Peer(peer.parse().unwrap_or(NO_CONNECTION)));
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            sent.append(*name, HeaderValue::from_static(value));
        }
        proxies.client_address(&extensions, &sent).0.to_string()
    }

    #[test]
    fn client_address_is_the_peer_when_it_is_not_trusted() {
        for headers in [&[][..], &[(XFF, "198.51.100.9")], &[(REAL, "198.51.100.9")]] {
            assert_eq!(client("192.0.2.1", headers), "192.0.2.1", "{headers:?}");
        }
    }

    #[test]
    fn client_address_is_the_forwarded_one_when_proxies_are_trusted() {
        let table: [(Headers, &str); 9] = [
            (&[], "10.1.2.3"),
            (&[(REAL, "198.51.100.9")], "198.51.100.9"),
            (&[(XFF, "198.51.100.9")], "198.51.100.9"),
            (&[(XFF, "198.51.100.9:4711")], "198.51.100.9"),
            (&[(XFF, "[2001:db8::7]:80")], "2001:db8::7"),
            (&[(XFF, "1.1.1.1, 198.51.100.9, 10.9.9.9")], "198.51.100.9"),
            (&[(XFF, "1.1.1.1"), (XFF, "198.51.100.9")], "198.51.100.9"),
            (&[(XFF, "1.1.1.1, unknown, 10.9.9.9")], "10.9.9.9"),
            (&[(XFF, "10.4.5.6, 10.9.9.9")], "10.4.5.6"),
        ];
        for (headers, expected) in table {
            assert_eq!(client("10.1.2.3", headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn client_address_is_forwarded_by_ipv4_and_ipv6_proxies() {
        for peer in ["2001:db8::1", "::ffff:10.1.2.3"] {
            assert_eq!(client(peer, &[(XFF, "198.51.100.9")]), "198.51.100.9");
        }
    }

    #[test]
    fn rate_limit_key_is_the_network_of_an_ipv6_client() {
        let key = |address: &str| {
            let address = address.parse().unwrap_or(NO_CONNECTION);
            ClientAddress(address).rate_limit_key().to_string()
        };
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(key("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(key("192.0.2.1"), "192.0.2.1");
    }

    #[test]
    fn trusted_proxies_reject_invalid_networks() {
        let refused = "10.0.0.1, nginx".parse::<TrustedProxies>();
        assert_eq!(refused, Err("nginx".to_owned()));
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
    }
}
