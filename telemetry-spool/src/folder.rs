//! Folders by handle: opened below a base without symbolic links, owner and mode checked, small files replaced whole.

#[cfg_attr(unix, path = "folder/dir_unix.rs")]
#[cfg_attr(not(unix), path = "folder/dir_other.rs")]
pub mod dir;
pub mod no_folder;
pub mod private;
