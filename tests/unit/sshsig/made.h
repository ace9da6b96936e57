/* made.h - signatures over "a plan\n" as ssh-keygen -Y sign made them, and the public keys. */
#pragma once

#define SIG_ED25519                                                                \
	"-----BEGIN SSH SIGNATURE-----\n"                                          \
	"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkF2FNLX8BQzR+S6FlX5klogDGZ\n" \
	"xDl1z+nE2M50hpVWIAAAAPcGxhbkBwaWxvdGhvdXNlAAAAAAAAAAZzaGE1MTIAAABTAAAA\n" \
	"C3NzaC1lZDI1NTE5AAAAQDMsNPT8y1dsNMDNw7uXeA/4v1xOeR7LrtvryZPdwD7iGSm1i1\n" \
	"J5+5A9Cw1l5vucvkYIuD5mFQHx6dcRZmyXgQg=\n"                                 \
	"-----END SSH SIGNATURE-----\n"

#define SIG_ECDSA                                                                  \
	"-----BEGIN SSH SIGNATURE-----\n"                                          \
	"U1NIU0lHAAAAAQAAAGgAAAATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAAhuaXN0cDI1NgAAAE\n" \
	"EEuvtCPza0Avlwvz+kptDpwSyc3r/XqX0tntxCZcX6FPFI5ySrIK6g0uMSPetimE86c7kj\n" \
	"eKTuFw+RNrITBieJZAAAAA9wbGFuQHBpbG90aG91c2UAAAAAAAAABnNoYTUxMgAAAGQAAA\n" \
	"ATZWNkc2Etc2hhMi1uaXN0cDI1NgAAAEkAAAAhAL5YOjlrQXG6zwDVsVn24sVI+UOFRh/v\n" \
	"CrE4jKkhAFvfAAAAIDl70WAJqu2I5ccY0tk2UPJVbO4nG8VsyZWE+AecFD2J\n"           \
	"-----END SSH SIGNATURE-----\n"

#define SIG_RSA                                                                    \
	"-----BEGIN SSH SIGNATURE-----\n"                                          \
	"U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJPdjijm2XQbsdtKAL5wXH\n" \
	"73kR1W5kO0R0TQmdoBFIzUEkXvCJMwbUdpQhZ6ClYPPc8UguZ0nCq2vpbVCRV9BTQ+rQsk\n" \
	"qFZGS4uEbakR76bft6yCiSq5y03UibRD4LVrnSsSFhJilAHCGa3a4bJ6pxFIzAvqjDvWP8\n" \
	"OVd5HL0D+VxhURU2gYlG0qmAVGP3xsw+U+K4Enol1ZpMA4iClZeojOMQ5c62X/2xPFWSgR\n" \
	"IFGJsV3pPDLaB6jgfFkJj1AvE8bmaCA53+QgcKJaIm8tIDOVc1bpHIX8dI/Hs9o/bdzSFT\n" \
	"5VG/X+LUXIni7CJyUVjssgMDy8nBqO4Lb5nwTJIaEAAAAPcGxhbkBwaWxvdGhvdXNlAAAA\n" \
	"AAAAAAZzaGE1MTIAAAEUAAAADHJzYS1zaGEyLTUxMgAAAQBDA9C3Pssxp+ArW/3eQSNRj3\n" \
	"YPi9UjMBgb/mcIdl0PD2nFfQjJ1CAdG7OV8FhjWfX5IayZgo9j3erw3lpTQodVTmRKj7rB\n" \
	"rY/5OwbtYib2SEDWKB4RJRUSke6oqke1PgXM4YrkmYUMC1QRHI5CUAzQoGCmnCWRq3UAk1\n" \
	"7TwPX3lWojUTZaFYf0ILuO9GkuRPQVo2vwMV21cTBewyhLCQSHGLN55FHCzplloLkU8vDW\n" \
	"iV4fJyRXF0fs0Dy1yIIU9NADwBY/lnntdxGrMoxILZ5RovTArMsVrOyRQ5MY8yMLyl8iJL\n" \
	"+ixzvRnPbqVd4NpO7m50WBERSrkuBOPxnliH9v\n"                                 \
	"-----END SSH SIGNATURE-----\n"

#define SIG_RSA_SHA256                                                             \
	"-----BEGIN SSH SIGNATURE-----\n"                                          \
	"U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBAJPdjijm2XQbsdtKAL5wXH\n" \
	"73kR1W5kO0R0TQmdoBFIzUEkXvCJMwbUdpQhZ6ClYPPc8UguZ0nCq2vpbVCRV9BTQ+rQsk\n" \
	"qFZGS4uEbakR76bft6yCiSq5y03UibRD4LVrnSsSFhJilAHCGa3a4bJ6pxFIzAvqjDvWP8\n" \
	"OVd5HL0D+VxhURU2gYlG0qmAVGP3xsw+U+K4Enol1ZpMA4iClZeojOMQ5c62X/2xPFWSgR\n" \
	"IFGJsV3pPDLaB6jgfFkJj1AvE8bmaCA53+QgcKJaIm8tIDOVc1bpHIX8dI/Hs9o/bdzSFT\n" \
	"5VG/X+LUXIni7CJyUVjssgMDy8nBqO4Lb5nwTJIaEAAAAPcGxhbkBwaWxvdGhvdXNlAAAA\n" \
	"AAAAAAZzaGEyNTYAAAEUAAAADHJzYS1zaGEyLTUxMgAAAQAPcn7uWG+S9fHq+8nq0whgle\n" \
	"swLabXfDQKEz7XlHsbEcOM6xopmDH7mchP3e7mFI2ROPJpgRRi3CRYntz353P2+HdxWu3t\n" \
	"opm9onaD1jzFra57LfvSeomnvJoIn/b+ZsyXZRGG4aEvdK6GOEekVHSUrBLVInCUWxC0WL\n" \
	"KWiJk0U057qCc4QfXV3kowaJp5B8J6smU5iUmGP3dMvM6/YXMu+tt8+o9rv1qeozT3sSm8\n" \
	"/4j/DRT2cW9O8vMLDgrSHGHCa+m8f2hLY2ycY38pvbgbjiV/sN3C+nDHAoZC1xL7+9u1/t\n" \
	"S+gGBUE0kIC1zAwZwmJS2VFjAhcx+ptW0zhmhU\n"                                 \
	"-----END SSH SIGNATURE-----\n"

#define SIG_OTHER_SPACE                                                            \
	"-----BEGIN SSH SIGNATURE-----\n"                                          \
	"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgkF2FNLX8BQzR+S6FlX5klogDGZ\n" \
	"xDl1z+nE2M50hpVWIAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx\n" \
	"OQAAAEDQewnkM+P+wWweVOpkjYiWzj/zMBhlo775sXRjdr29DNFeJgiCNf+5uQyF0OHPlI\n" \
	"aHfmiiXOCJ3Bb/MnMyOakE\n"                                                 \
	"-----END SSH SIGNATURE-----\n"

#define KEY_ED25519    \
	"ssh-ed25519 " \
	"AAAAC3NzaC1lZDI1NTE5AAAAIJBdhTS1/AUM0fkuhZV+ZJaIAxmcQ5dc/pxNjOdIaVVi"

#define PRINT_ED25519 "SHA256:kXZVC1WC/YhX6TdqOumz4ZCgtQ+FATv/fpprEieouoo"

#define KEY_ECDSA                                                                          \
	"ecdsa-sha2-nistp256 "                                                             \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLr7Qj82tAL5cL8/pKbQ6cEsnN6/" \
	"16l9LZ7cQmXF+hTxSOckqyCuoNLjEj3rYphPOnO5I3ik7hcPkTayEwYniWQ="

#define PRINT_ECDSA "SHA256:z07pMGRJQdK1U1pf1fUAEdLGMNr6KmfqzkMC6nS0mH8"

#define KEY_RSA                                                                            \
	"ssh-rsa "                                                                         \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQCT3Y4o5tl0G7HbSgC+cFx+95EdVuZDtEdE0JnaARSM1BJF7wiT" \
	"MG1HaUIWegpWDz3PFILmdJwqtr6W1QkVfQU0Pq0LJKhWRkuLhG2pEe+m37esgokquctN1Im0Q+C1a50r" \
	"EhYSYpQBwhmt2uGyeqcRSMwL6ow71j/DlXeRy9A/lcYVEVNoGJRtKpgFRj98bMPlPiuBJ6JdWaTAOIgp" \
	"WXqIzjEOXOtl/9sTxVkoESBRibFd6Twy2geo4HxZCY9QLxPG5mggOd/kIHCiWiJvLSAzlXNW6RyF/HSP" \
	"x7PaP23c0hU+VRv1/i1FyJ4uwiclFY7LIDA8vJwajuC2+Z8EySGh"

#define PRINT_RSA "SHA256:X//gYgLmxEaRZgV+Uz+uF/nPd57PN1qbcAMhkuNpDMM"
