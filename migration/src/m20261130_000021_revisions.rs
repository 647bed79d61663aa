//! The revision of the public columns of a user or an offer: `version` and `updated_at` also count changes of private
//! columns. Existing rows keep the revision that clients have seen.

crate::migration! {
    up: "
ALTER TABLE users ADD COLUMN public_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN public_updated_at {timestamp};
UPDATE users SET public_version = version, public_updated_at = updated_at;
ALTER TABLE offers ADD COLUMN public_version BIGINT NOT NULL DEFAULT 1;
ALTER TABLE offers ADD COLUMN public_updated_at {timestamp};
UPDATE offers SET public_version = version, public_updated_at = updated_at;",
    down: "
ALTER TABLE offers DROP COLUMN public_updated_at;
ALTER TABLE offers DROP COLUMN public_version;
ALTER TABLE users DROP COLUMN public_updated_at;
ALTER TABLE users DROP COLUMN public_version;"
}
