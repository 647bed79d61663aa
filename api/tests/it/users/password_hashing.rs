//! Password hashing: parameters and threads.

use exchange::identity::passwords::AUTHENTICATED;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn password_is_stored_as_argon2id_as_documented() {
    let test = TestApp::new().await;
    let hash = test
        .app
        .identity
        .passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    assert!(
        hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{}",
        hash.0
    );
    let again = test
        .app
        .identity
        .passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    assert_ne!(hash, again, "each hash has a salt of its own");
}

/// Returns the niceness of each hashing thread of this process.
#[cfg(target_os = "linux")]
fn niceness_of_workers() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let read = |task: &std::path::Path, file| std::fs::read_to_string(task.join(file));
    // Threads of other tests may end meanwhile.
    let niceness = |task: std::path::PathBuf| {
        let stat = read(&task, "stat").ok()?;
        let name = read(&task, "comm").ok()?;
        let (_, after_name) = stat.rsplit_once(')')?;
        let nice = after_name.split_whitespace().nth(16)?.to_owned();
        name.starts_with("passwords-").then_some(nice)
    };
    tasks
        .filter_map(|task| niceness(task.unwrap().path()))
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn passwords_are_hashed_on_low_priority_threads() {
    let test = TestApp::new().await;
    let passwords = &test.app.identity.passwords;
    passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await
        .unwrap();
    let niceness = niceness_of_workers();
    assert!(niceness.contains(&"10".to_owned()), "{niceness:?}");
}
