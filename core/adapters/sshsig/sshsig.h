/*
 * sshsig.h - the sign port over OpenSSH's formats: the agent protocol (PROTOCOL.agent), detached signatures
 * (PROTOCOL.sshsig) and lists of signers (ssh-keygen(1)), so that `ssh-keygen -Y verify` says the same without us.
 *
 * Made and accepted: Ed25519, RSA of 2048 to 16384 bits with SHA-2, ECDSA on the NIST curves. SHA-512 is made; SHA-256 is
 * accepted as well. Not accepted: SHA-1, DSA, certificates, and what this file does not name. All mathematics is OpenSSL's.
 */
#pragma once

#include "core/port/sign.h"

/* socket: SSH_AUTH_SOCK, or NULL: then there is no agent and everything else works. The clock bounds how long the agent is
 * waited for; both are borrowed. */
int sshsig_open(struct sign **out, const char *socket, const struct clock *clock, struct err *e) must_check;
