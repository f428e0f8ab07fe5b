//! Files that programs keep credentials in, known by their names: `.netrc`, `.npmrc`, `.pgpass` and their like.
//!
//! What such a file holds is told by its format, so that it is read as a whole (`score::structure::file`) and costs nothing elsewhere. A history is surveyed
//! without paths; there a pass over all trees asks [`FileKind::in_some_folder`] for each name.

/// The format of a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FileKind {
    /// `machine HOST login USER password PASSWORD`, of ftp, curl, git and others.
    Netrc,
    /// The settings of clients of mail: `host HOST`, `user USER`, `password PASSWORD`.
    Mail,
    /// The settings of npm.
    Npmrc,
    /// Sections of `password = …`: `.pypirc`, `.my.cnf`.
    Sections,
    /// `host:port:database:user:password`, of PostgreSQL.
    Pgpass,
    /// `user:password`, as the last word of a line: of rsync, and of Postfix for its relays.
    Users,
    /// `client server secret addresses`, of PPP.
    Ppp,
    /// `user:hash`, of web servers and FTP servers, and the shadow file of Unix.
    Hashes,
    /// The state of Terraform.
    TerraformState,
    /// The settings of WordPress.
    WordPress,
    /// The settings of Maven.
    Maven,
    /// The settings of NuGet.
    NuGet,
    /// The sites of FileZilla.
    FileZilla,
    /// The settings of kubectl.
    Kubeconfig,
    /// The credentials of Composer.
    Composer,
    /// The key by which Rails reads its encrypted credentials.
    RailsKey,
    /// The settings of clients and servers of LDAP.
    Directory,
    /// The settings of clients and stations of wireless networks.
    Wireless,
    /// What an installer of Linux is told to do.
    Kickstart,
    /// Where programs for blockchains keep the seed phrase of a wallet.
    Wallet,
}

impl FileKind {
    /// The format of the file at `path`, if its name tells it.
    pub fn of_path(path: &str) -> Option<Self> {
        let mut parts = path.rsplit('/');
        let (name, folder) = (parts.next()?, parts.next().unwrap_or_default());
        Self::of_name(name).or_else(|| IN_FOLDERS.iter().find(|place| (place.0, place.1) == (folder, name)).map(|place| place.2))
    }

    /// The format of a file of this name, if its name tells it in one folder or another.
    pub fn in_some_folder(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        Self::of_name(name).or_else(|| IN_FOLDERS.iter().find(|place| place.1 == name).map(|place| place.2))
    }

    fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            ".netrc" | "_netrc" | "netrc" => Self::Netrc,
            ".npmrc" | "npmrc" => Self::Npmrc,
            ".pypirc" | "pypirc" | ".my.cnf" | "my.cnf" | ".mylogin.cnf" => Self::Sections,
            ".pgpass" | "pgpass" | "pgpass.conf" => Self::Pgpass,
            ".msmtprc" | "msmtprc" | ".esmtprc" | "esmtprc" | ".fetchmailrc" | "fetchmailrc" | ".getmailrc" => Self::Mail,
            "rsyncd.secrets" | "sasl_passwd" => Self::Users,
            "chap-secrets" | "pap-secrets" => Self::Ppp,
            ".htpasswd" | "htpasswd" | ".htdigest" | "shadow" | "shadow-" | "shadow.bak" | "gshadow" => Self::Hashes,
            "ftpd.passwd" | "proftpd.passwd" | "master.passwd" | "vsftpd.passwd" => Self::Hashes,
            "sitemanager.xml" | "recentservers.xml" | "filezilla.xml" | "FileZilla.xml" => Self::FileZilla,
            "settings.xml" | "settings-security.xml" | ".settings.xml" => Self::Maven,
            "NuGet.Config" | "NuGet.config" | "nuget.config" | "Nuget.config" | "Nuget.Config" | ".nuget.config" => Self::NuGet,
            "kubeconfig" | "kubeconfig.yaml" | "kubeconfig.yml" | ".kubeconfig" => Self::Kubeconfig,
            "auth.json" => Self::Composer,
            "master.key" => Self::RailsKey,
            "ldap.conf" | "slapd.conf" | "sssd.conf" | "nslcd.conf" | "nss_ldap.conf" | "pam_ldap.conf" | "libnss-ldap.conf" => Self::Directory,
            "wpa_supplicant.conf" => Self::Wireless,
            "ks.cfg" | "anaconda-ks.cfg" => Self::Kickstart,
            ".secret" | ".mnemonic" | "mnemonic" | "mnemonic.txt" | "seed.txt" | "seedphrase.txt" | "seed_phrase.txt" | "wallet.txt" => Self::Wallet,
            "hardhat.config.js" | "hardhat.config.ts" | "hardhat.config.cjs" | "truffle-config.js" | "truffle.js" | "foundry.toml" => Self::Wallet,
            "secrets.json" | "secret.json" | "secrets.js" | "secret.js" | "secrets.ts" | ".env" | ".envrc" => Self::Wallet,
            name if name.starts_with(".env.") => Self::Wallet,
            _ => return Self::of_ending(name),
        })
    }

    fn of_ending(name: &str) -> Option<Self> {
        const ENDINGS: [(&str, FileKind); 11] = [
            (".tfstate", FileKind::TerraformState),
            (".tfstate.backup", FileKind::TerraformState),
            (".htpasswd", FileKind::Hashes),
            (".netrc", FileKind::Netrc),
            (".npmrc", FileKind::Npmrc),
            (".pgpass", FileKind::Pgpass),
            (".kubeconfig", FileKind::Kubeconfig),
            (".ldif", FileKind::Directory),
            (".nmconnection", FileKind::Wireless),
            (".ks", FileKind::Kickstart),
            (".env", FileKind::Wallet),
        ];
        if name.starts_with("wp-config") && name.ends_with(".php") {
            return Some(Self::WordPress);
        }
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind)
    }
}

/// Names that tell a format in one folder alone: the folder, the name, and the format.
const IN_FOLDERS: [(&str, &str, FileKind); 2] = [(".kube", "config", FileKind::Kubeconfig), ("network", "interfaces", FileKind::Wireless)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_names() {
        for (path, expected) in [
            (".netrc", Some(FileKind::Netrc)),
            ("home/me/_netrc", Some(FileKind::Netrc)),
            ("ci/prod.npmrc", Some(FileKind::Npmrc)),
            ("infra/terraform.tfstate", Some(FileKind::TerraformState)),
            ("terraform.tfstate.backup", Some(FileKind::TerraformState)),
            ("site/wp-config.php", Some(FileKind::WordPress)),
            ("site/wp-config-staging.php", Some(FileKind::WordPress)),
            (".kube/config", Some(FileKind::Kubeconfig)),
            ("home/.msmtprc", Some(FileKind::Mail)),
            ("etc/postfix/sasl_passwd", Some(FileKind::Users)),
            ("etc/ppp/chap-secrets", Some(FileKind::Ppp)),
            ("filezilla/sitemanager.xml", Some(FileKind::FileZilla)),
            (".git/config", None),
            ("etc/network/interfaces", Some(FileKind::Wireless)),
            ("src/interfaces", None),
            ("config/master.key", Some(FileKind::RailsKey)),
            ("etc/slapd.conf", Some(FileKind::Directory)),
            ("etc/NetworkManager/home.nmconnection", Some(FileKind::Wireless)),
            ("app/.env.production", Some(FileKind::Wallet)),
            ("src/netrc.py", None),
            ("", None),
        ] {
            assert_eq!(FileKind::of_path(path), expected, "{path}");
        }
        assert_eq!(FileKind::in_some_folder(b"config"), Some(FileKind::Kubeconfig));
        assert_eq!(FileKind::in_some_folder(b".pgpass"), Some(FileKind::Pgpass));
        assert!(FileKind::in_some_folder(b"main.rs").is_none() && FileKind::in_some_folder(b"\xff").is_none());
    }
}
