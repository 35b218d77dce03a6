"""The Glance host: a real Debian machine under QEMU, with systemd, SSH, the kernel's NFS client and Debian's Glance."""
