// Package check has only tests: that what is in deploy is read by those who read it there
// (BuildKit, Kubernetes, systemd), each field by its name, and that the command has the flags,
// variables, addresses and ports that stand in it. See docs/deploy.md.
package check
