//! Puts the site into a folder.

use std::fmt;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Page;

/// What stands in a folder that holds a site: the names of its files, a line each.
const MARKER: &str = ".wsconform-site";

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How many pages were written, style sheets not counted.
    pub pages: usize,
    /// How many files of an earlier site were removed, as they belong to this one no more.
    pub removed: usize,
}

/// Why the site was not written, or not as a whole.
#[derive(Debug)]
pub enum WriteError {
    /// The folder holds something else.
    Foreign {
        /// The folder.
        folder: PathBuf,
    },
    /// A file of the site is there already, but is none that a site put there.
    Taken {
        /// The file.
        file: PathBuf,
    },
    /// The file system says no.
    Io {
        /// About what.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign { folder } => write!(
                f,
                "{} is not empty, and holds no site of wsconform: nothing was written\n\
                 help: name a folder that is new or empty; one that was rendered before is updated",
                folder.display()
            ),
            Self::Taken { file } => write!(
                f,
                "{} is in the way: it was not written by wsconform, and nothing was written now\n\
                 help: move it elsewhere, or name another folder",
                file.display()
            ),
            Self::Io { path, error } => write!(f, "cannot write {}: {error}", path.display()),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Foreign { .. } | Self::Taken { .. } => None,
        }
    }
}

/// Writes the pages into `folder`, which is made if it is not there, and nothing outside of it.
///
/// A folder that holds a site is brought up to date: its files are replaced, those that are no part
/// of the site any more are removed, and files of others are left alone.
///
/// # Errors
///
/// [`WriteError::Foreign`] for a folder that holds something, but no site; [`WriteError::Taken`]
/// if a file of somebody else has a name that the site needs. Nothing is written then.
pub fn write(pages: &[Page], folder: &Path) -> Result<Outcome, WriteError> {
    let io = |path: &Path| {
        let path = path.to_owned();
        move |error| WriteError::Io { path, error }
    };
    fs::create_dir_all(folder).map_err(io(folder))?;
    let marker = folder.join(MARKER);
    let own = match fs::read_to_string(&marker) {
        Ok(names) => names.lines().filter(|name| is_own_name(name)).map(str::to_owned).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(WriteError::Io { path: marker, error }),
    };
    if own.is_empty() && fs::read_dir(folder).map_err(io(folder))?.next().is_some() {
        return Err(WriteError::Foreign { folder: folder.to_owned() });
    }
    for page in pages.iter().filter(|page| !own.contains(&page.file)) {
        let file = folder.join(&page.file);
        if file.symlink_metadata().is_ok() {
            return Err(WriteError::Taken { file });
        }
    }
    // The marker first, with old names and new ones: whatever happens on the way, the next try
    // knows whose the files are.
    let mut names: Vec<&str> = pages.iter().map(|page| page.file.as_str()).collect();
    let all: Vec<&str> = names.iter().copied().chain(own.iter().map(String::as_str)).collect();
    replace(&marker, &all.join("\n")).map_err(io(&marker))?;
    for page in pages {
        let file = folder.join(&page.file);
        replace(&file, &page.content).map_err(io(&file))?;
    }
    let mut removed = 0;
    for name in own.iter().filter(|name| !names.contains(&name.as_str())) {
        let file = folder.join(name);
        match fs::remove_file(&file) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(WriteError::Io { path: file, error }),
        }
    }
    names.sort_unstable();
    replace(&marker, &(names.join("\n") + "\n")).map_err(io(&marker))?;
    let is_page = |page: &&Page| page.file.ends_with(".html");
    Ok(Outcome { pages: pages.iter().filter(is_page).count(), removed })
}

/// Whether a line of the marker is the name of a file as sites have them, and no path.
fn is_own_name(name: &str) -> bool {
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '.');
    name.chars().all(plain) && (name.ends_with(".html") || name == "style.css")
}

/// Writes a file anew. What stands there is replaced, never written through: it may be a link to a
/// file elsewhere.
fn replace(file: &Path, content: &str) -> io::Result<()> {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = file.with_file_name(name);
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut opened = fs::File::options().write(true).create_new(true).open(&new)?;
    opened.write_all(content.as_bytes())?;
    drop(opened);
    fs::rename(&new, file)
}
