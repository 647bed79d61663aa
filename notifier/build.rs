//! Embeds the templates of letters: each file of `templates` with its name.

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("templates");
    println!("cargo:rerun-if-changed={}", folder.display());
    let files = fs::read_dir(&folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<_> = files.iter().map(fs::DirEntry::path).collect();
    paths.sort();
    let templates = paths.iter().filter_map(|path| {
        let name = path.file_name()?.to_str()?.strip_suffix(".j2")?;
        Some(format!("    ({name:?}, include_str!({path:?})),\n"))
    });
    let list = format!("&[\n{}]\n", templates.collect::<String>());
    fs::write(Path::new(&env::var("OUT_DIR")?).join("templates.rs"), list)?;
    Ok(())
}
