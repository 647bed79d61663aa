//! Embeds the libraries of the pages that `npm --prefix pages run build` has put into `pages/dist`. Where it did not run,
//! the list is empty, and the pages load them from a CDN (`src/pages`).

use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../pages/dist");
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for file in fs::read_dir(&folder).into_iter().flatten() {
        let path = file?.path();
        if path
            .extension()
            .is_some_and(|kind| kind == "js" || kind == "css")
        {
            files.push(path);
        }
    }
    files.sort();
    let mut list = String::from("&[\n");
    for path in files {
        let name = path.file_name().unwrap_or_default();
        list += &format!("    ({name:?}, include_bytes!({path:?})),\n");
    }
    list += "]\n";
    fs::write(Path::new(&env::var("OUT_DIR")?).join("embedded.rs"), list)?;
    Ok(())
}
