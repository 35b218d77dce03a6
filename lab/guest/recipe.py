"""What is in the guest's image: packages, and a script that sets them up. Its hash names the cached image.

The image holds no key at all. Each lab gives its guests their keys on a second disk, a plain tar archive that
`lab-seed.service` unpacks at the first boot, before SSH starts.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

SUITE = "bookworm"

PACKAGES = (
    "systemd-sysv",
    "dbus",  # reboot and poweroff through logind, without waiting for it to be missed
    "udev",
    "openssh-server",
    "sudo",
    "nfs-common",
    "linux-image-cloud-amd64",
    "initramfs-tools",
    "iproute2",
    "netcat-openbsd",
    "rsync",
    "glance-api",
    "sqlite3",
    # Glance's other database, for those who ask for it: it is set up here and does not start by itself.
    "mariadb-server",
    "python3-pymysql",
)

MARIADB_CONNECTION = "mysql+pymysql://glance:glance@127.0.0.1/glance"
"""What glance-api.conf takes instead of its sqlite file; the password protects nothing but a lab's guest."""

# Rarely needed and slow to start in emulation; a package may not be there, so each is masked by its name alone.
_MASKED = (
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "iscsid.socket",
    "open-iscsi.service",
    "getty@tty1.service",
    "systemd-pstore.service",
    "systemd-update-utmp-runlevel.service",
    "systemd-binfmt.service",
    "multipathd.service",
    "multipathd.socket",
)

_NETWORK = """\
[Match]
Name=en* eth*

[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
"""

_SEED_UNIT = """\
[Unit]
Description=Keys and names that this lab gives its guest
ConditionPathExists=!/etc/lab-seed.done
DefaultDependencies=no
Requires=local-fs.target
After=local-fs.target systemd-remount-fs.service
Before=ssh.service sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/tar -xf /dev/vdb --no-overwrite-dir -C /
ExecStart=/bin/touch /etc/lab-seed.done

[Install]
WantedBy=sysinit.target
"""

_MANAGEMENT_UNIT = """\
[Unit]
Description=CloudStack management server of this lab
# Only one guest is the management server: its keys bring this file.
ConditionPathExists=/etc/cloudstack/management/db.properties
After=network.target lab-seed.service

[Service]
ExecStart=/usr/bin/python3 -I /usr/share/strata-lab/management.py
Restart=no
TimeoutStopSec=5

[Install]
WantedBy=multi-user.target
# Its name up to CloudStack 4.0.
Alias=cloud-management.service
"""

# Small and without a wait at its start: an emulated processor, and a gigabyte for Glance as well.
_MARIADB = """\
[mariadbd]
innodb_buffer_pool_size = 32M
innodb_log_file_size = 8M
performance_schema = off
skip-name-resolve
"""

# On the guest, its mode, and the file here.
PROGRAMS = (
    ("usr/share/strata-lab/management.py", 0o644, "management.py"),
    (
        "usr/share/cloudstack-common/scripts/storage/secondary/cloud-install-sys-tmplt",
        0o755,
        "install_template.py",
    ),
)

_SETUP = r"""
set -eu
root="$1"
echo '/dev/vda / ext4 defaults 0 0' > "$root/etc/fstab"
printf '%s' "$NETWORK" > "$root/etc/systemd/network/10-lan.network"
printf '%s' "$SEED_UNIT" > "$root/etc/systemd/system/lab-seed.service"
printf '%s' "$MANAGEMENT_UNIT" > "$root/etc/systemd/system/cloudstack-management.service"
for unit in $MASKED; do ln -sf /dev/null "$root/etc/systemd/system/$unit"; done
rm -f "$root"/etc/ssh/ssh_host_* "$root/etc/resolv.conf" "$root/etc/hostname"
echo localhost > "$root/etc/hostname"
printf 'HostKey /etc/ssh/ssh_host_ed25519_key\nUseDNS no\nPasswordAuthentication no\n' \
    > "$root/etc/ssh/sshd_config.d/lab.conf"
rm -f "$root/etc/machine-id"; echo uninitialized > "$root/etc/machine-id"

chroot "$root" useradd --create-home --gid operator --shell /bin/bash operator
echo 'operator ALL=(ALL) NOPASSWD: ALL' > "$root/etc/sudoers.d/operator"
chmod 440 "$root/etc/sudoers.d/operator"

# Only the drivers this machine has: the initial file system is unpacked by an emulated processor.
sed -i 's/^MODULES=.*/MODULES=list/; s/^COMPRESS=.*/COMPRESS=lz4/' "$root/etc/initramfs-tools/initramfs.conf"
printf 'virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n' >> "$root/etc/initramfs-tools/modules"
chroot "$root" update-initramfs -u

# As a site without Keystone sets it up; the store is the package's own, /var/lib/glance/images.
conf="$root/etc/glance/glance-api.conf"
sed -i 's|^#connection = <None>$|connection = sqlite:////var/lib/glance/glance.sqlite|' "$conf"
sed -i 's|^#flavor = keystone$|flavor =|; s|^#workers = 2$|workers = 1|' "$conf"
for line in 'connection = sqlite:' 'flavor =' 'workers = 1'; do
    grep -q "^$line" "$conf" || { echo "glance-api.conf has no place for: $line" >&2; exit 1; }
done
chroot "$root" runuser -u glance -- glance-manage db_sync

# The same tables in MariaDB, made by a server of this machine's own processor: in the guest it would take minutes.
printf '%s' "$MARIADB" > "$root/etc/mysql/mariadb.conf.d/99-lab.cnf"
cat > "$root/root/mariadb.sh" <<'END-OF-SCRIPT'
set -eu
install -d -o mysql -g mysql /run/mysqld
socket=/run/mysqld/build.sock
mariadbd --user=mysql --skip-networking --socket="$socket" &
server=$!
ask() { mariadb --socket="$socket" -e "$1"; }
tries=0
until ask 'SELECT 1' > /dev/null 2>&1; do
    tries=$((tries + 1)); [ "$tries" -lt 300 ] || { echo "MariaDB does not start" >&2; exit 1; }
    sleep 0.1
done
ask 'CREATE DATABASE glance CHARACTER SET utf8'
for from in localhost 127.0.0.1; do ask "GRANT ALL ON glance.* TO glance@$from IDENTIFIED BY 'glance'"; done
conf=/etc/glance/mariadb.conf
printf '[database]\nconnection = %s\n' "mysql+pymysql://glance:glance@localhost/glance?unix_socket=$socket" > "$conf"
runuser -u glance -- glance-manage --config-file "$conf" db_sync
rm "$conf"
ask 'SHUTDOWN'
wait "$server"
rm -rf /run/mysqld
END-OF-SCRIPT
chroot "$root" sh /root/mariadb.sh
chroot "$root" systemctl disable mariadb.service
rm "$root/root/mariadb.sh"

# A system VM template to be put on secondary storage: small, and a disk all the same.
mkdir -p "$root/usr/share/strata-lab"
template="$root/usr/share/strata-lab/systemvmtemplate.vhd"
qemu-img create -q -f vpc "$template" 64M
chroot "$root" python3 -c 'import bz2, pathlib
template = pathlib.Path("/usr/share/strata-lab/systemvmtemplate.vhd")
template.with_name(template.name + ".bz2").write_bytes(bz2.compress(template.read_bytes()))
template.unlink()'

chroot "$root" systemctl enable systemd-networkd.service ssh.service glance-api.service lab-seed.service \
    cloudstack-management.service
rm -rf "$root"/var/log/glance/* "$root"/usr/share/doc/* "$root"/usr/share/man/*
"""


def setup_script() -> str:
    """The shell script that turns the unpacked packages in "$1" into the guest's root directory."""
    given = (
        ("NETWORK", _NETWORK),
        ("SEED_UNIT", _SEED_UNIT),
        ("MANAGEMENT_UNIT", _MANAGEMENT_UNIT),
        ("MARIADB", _MARIADB),
        ("MASKED", " ".join(_MASKED)),
    )
    return "\n".join(f"{name}='{_quotable(value)}'" for name, value in given) + _SETUP + _programs()


def _quotable(text: str) -> str:
    return text.replace("'", "'\\''")


def _programs() -> str:
    """Each program written out as it stands; its text may hold any quote."""
    lines = []
    for path, mode, name in PROGRAMS:
        text = (Path(__file__).with_name("programs") / name).read_text("utf-8")
        lines.append(f'mkdir -p "$(dirname "$root/{path}")"')
        lines.append(f"cat > \"$root/{path}\" <<'END-OF-PROGRAM'\n{text}END-OF-PROGRAM")
        lines.append(f'chmod {mode:o} "$root/{path}"')
    return "\n".join(lines) + "\n"


def recipe_hash() -> str:
    """Sixteen hex digits over everything that decides what is in the image, this package's build steps too."""
    parts = (SUITE, *PACKAGES, setup_script(), Path(__file__).with_name("image.py").read_text("utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
