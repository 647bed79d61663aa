//! Reads tests/permissions.toml. A missing or unknown cell, or a duplicate row, is an error.

use std::{collections::BTreeMap, sync::LazyLock};

use entity::OfferStatus;
use serde::Deserialize;

/// The whole file.
pub static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let text = include_str!("../../../../tests/permissions.toml");
    toml::from_str(text).expect("tests/permissions.toml")
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    offers: States,
    /// By method and path.
    pub writes: BTreeMap<String, Write>,
    /// By method and path.
    pub routes: BTreeMap<String, Deployed<u16>>,
    /// By name.
    pub mutations: BTreeMap<String, Deployed<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct States {
    pending: Roles,
    accepted: Roles,
    rejected: Roles,
    cancelled: Roles,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Roles {
    offerer: Actions,
    receiver: Actions,
    other: Actions,
    anonymous: Actions,
}

/// For each action on an offer, the status of the answer.
pub type Actions = BTreeMap<String, u16>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Write {
    pub mutation: Option<String>,
    owner: u16,
    other: u16,
    anonymous: u16,
}

/// A row that the drill `outside` tries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deployed<T> {
    #[expect(dead_code, reason = "read by e2e, which shares the file")]
    nobody: T,
    #[expect(dead_code, reason = "read by e2e, which shares the file")]
    stranger: T,
    pub offerer: T,
    pub receiver: T,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Offerer,
    Receiver,
    Other,
    Anonymous,
}

impl Table {
    /// For each status of an offer and each role, the answers to the actions.
    pub fn offers(&self) -> Vec<(OfferStatus, Role, &Actions)> {
        let states = [
            (OfferStatus::Pending, &self.offers.pending),
            (OfferStatus::Accepted, &self.offers.accepted),
            (OfferStatus::Rejected, &self.offers.rejected),
            (OfferStatus::Cancelled, &self.offers.cancelled),
        ];
        states
            .into_iter()
            .flat_map(|(state, roles)| {
                let cells = roles.cells();
                cells.map(|(role, cells)| (state, role, cells))
            })
            .collect()
    }
}

impl Roles {
    fn cells(&self) -> [(Role, &Actions); 4] {
        [
            (Role::Offerer, &self.offerer),
            (Role::Receiver, &self.receiver),
            (Role::Other, &self.other),
            (Role::Anonymous, &self.anonymous),
        ]
    }
}

impl Write {
    /// The statuses for the owner, for another user and for an anonymous client.
    pub fn cells(&self) -> [u16; 3] {
        [self.owner, self.other, self.anonymous]
    }
}
