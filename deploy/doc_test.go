// Package deploy holds what it takes to run heyq somewhere: the layout of its
// container, units for systemd, manifests for Kubernetes. The tests hold them, and
// Dockerfile, compose.yaml and Procfile beside them, against the program: every
// variable is one of its own, every command exists, every probe is answered.
package deploy_test
