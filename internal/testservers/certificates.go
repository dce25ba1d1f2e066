package testservers

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Certificates are the files of a CA that no system knows, and of a certificate that it
// made out for the loopback addresses, localhost and *.heyq.test, for servers and clients alike. They
// hold for an hour.
type Certificates struct{ CA, Cert, Key string }

// NewCertificates makes certificates in dir.
func NewCertificates(dir string) (c Certificates, err error) {
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "heyq's own CA"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, KeyUsage: x509.KeyUsageDigitalSignature,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost", "*.heyq.test"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		NotBefore:   ca.NotBefore, NotAfter: ca.NotAfter,
	}
	c = Certificates{filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")}
	issuer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, fmt.Errorf("certificates: %w", err)
	}
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return c, fmt.Errorf("certificates: %w", err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		return c, fmt.Errorf("certificates: %w", err)
	}
	root, err := x509.CreateCertificate(rand.Reader, ca, ca, &issuer.PublicKey, issuer)
	if err != nil {
		return c, fmt.Errorf("certificates: %w", err)
	}
	cert, err := x509.CreateCertificate(rand.Reader, leaf, ca, &own.PublicKey, issuer)
	if err != nil {
		return c, fmt.Errorf("certificates: %w", err)
	}
	for name, block := range map[string]*pem.Block{
		c.CA: {Type: "CERTIFICATE", Bytes: root}, c.Cert: {Type: "CERTIFICATE", Bytes: cert}, c.Key: {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			return c, fmt.Errorf("certificates: %w", err)
		}
	}
	return c, nil
}

// Config is that of a server or a client which shows the certificate, and trusts the
// CA alone.
func (c Certificates) Config() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	root, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("certificates: %w", err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(root)
	return &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: trusted, ClientCAs: trusted}, nil
}

// settings are those of a Redis or a sentinel that speaks TLS only, to each other as
// well, and only with who has a certificate.
func (c Certificates) settings(port string) map[string]string {
	return map[string]string{
		"port": "0", "tls-port": port, "tls-ca-cert-file": c.CA, "tls-cert-file": c.Cert, "tls-key-file": c.Key,
		"tls-auth-clients": "yes", "tls-replication": "yes", "tls-cluster": "yes",
	}
}

// address is a URL in the form of REDIS_URL; c is nil if there is no TLS.
func (c *Certificates) address(kind, hosts string, parameters url.Values) string {
	scheme := "redis"
	if c != nil {
		scheme = "rediss"
		parameters.Set("ca", c.CA)
		parameters.Set("cert", c.Cert)
		parameters.Set("key", c.Key)
	}
	u := url.URL{Scheme: scheme + kind, Host: hosts, RawQuery: parameters.Encode()}
	return u.String()
}
