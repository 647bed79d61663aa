//! Slots of live clients. Half of them are reserved for authenticated users, and neither an address nor a user can take
//! all.

use std::{net::IpAddr, sync::Arc};

use entity::UserId;
use platform::quota::{Quota, QuotaGuard};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The most slots of one address: for anonymous clients, and for authenticated users.
const ANONYMOUS: usize = 64;
const AUTHENTICATED: usize = 256;
/// The most slots of one user.
const USER: usize = 32;

/// The slots of an instance.
pub struct Slots {
    all: usize,
    free: Arc<Semaphore>,
    /// The free slots that an anonymous client may take.
    open: Arc<Semaphore>,
    anonymous: Quota<IpAddr>,
    authenticated: Quota<IpAddr>,
    users: Quota<UserId>,
}

/// The slot of a client, until it is dropped.
pub struct Slot {
    _slot: OwnedSemaphorePermit,
    _open: Option<OwnedSemaphorePermit>,
    _client: QuotaGuard<IpAddr>,
    _user: Option<QuotaGuard<UserId>>,
}

impl Slots {
    /// Creates `all` slots, half of them for authenticated users.
    #[must_use]
    pub fn new(all: usize) -> Self {
        Self {
            all,
            free: Arc::new(Semaphore::new(all)),
            open: Arc::new(Semaphore::new(all.div_ceil(2))),
            anonymous: Quota::new(ANONYMOUS),
            authenticated: Quota::new(AUTHENTICATED),
            users: Quota::new(USER),
        }
    }

    /// Takes a slot for this user, or for an anonymous client, at this address. Returns `None` when there is none left.
    #[must_use]
    pub fn take(&self, client: IpAddr, user: Option<UserId>) -> Option<Slot> {
        let of_address = if user.is_some() {
            &self.authenticated
        } else {
            &self.anonymous
        };
        let open = match user {
            Some(_) => None,
            None => Some(self.open.clone().try_acquire_owned().ok()?),
        };
        let of_user = match user {
            Some(user) => Some(self.users.take(user)?),
            None => None,
        };
        Some(Slot {
            _client: of_address.take(client)?,
            _slot: self.free.clone().try_acquire_owned().ok()?,
            _open: open,
            _user: of_user,
        })
    }

    /// Returns the number of slots that are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.all - self.free.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(number))
    }

    #[test]
    fn take_reserves_half_for_authenticated_users() {
        let slots = Slots::new(1024);
        let anonymous: Vec<_> = (0..2000)
            .filter_map(|n| slots.take(client(n), None))
            .collect();
        assert_eq!(anonymous.len(), 512);
        let user = |n: u32| slots.take(client(n), Some(UserId(n.into())));
        let authenticated: Vec<_> = (0..2000).filter_map(user).collect();
        assert_eq!((authenticated.len(), slots.taken()), (512, 1024));
        drop((anonymous, authenticated));
        assert_eq!(slots.taken(), 0);
    }

    #[test]
    fn take_limits_each_address_and_user() {
        let slots = Slots::new(1024);
        let take_all = |user: Option<i64>, address: u32| {
            let slots = (0..1024).map_while(|_| slots.take(client(address), user.map(UserId)));
            slots.collect::<Vec<_>>()
        };
        let anonymous = take_all(None, 1);
        assert_eq!(anonymous.len(), 64);
        let users: Vec<_> = (1..=9).map(|user| take_all(Some(user), 1)).collect();
        let taken: Vec<_> = users.iter().map(Vec::len).collect();
        assert_eq!(taken, [32, 32, 32, 32, 32, 32, 32, 32, 0]);
        assert_eq!(take_all(Some(1), 2).len(), 0, "from any address");
        assert_eq!(take_all(None, 2).len(), 64);
    }
}
