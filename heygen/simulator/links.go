package simulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"
)

// signer makes links that work without an API key until they expire. It keeps
// nothing: a link carries its own proof.
type signer struct{ secret []byte }

func newSigner(secret string) *signer { return &signer{[]byte(secret)} }

func (s *signer) sign(path, expires string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(path + "?" + expires))
	return hex.EncodeToString(mac.Sum(nil))
}

// link signs path until expires.
func (s *signer) link(path string, expires time.Time) string {
	at := strconv.FormatInt(expires.Unix(), 10)
	return path + "?expires=" + at + "&signature=" + s.sign(path, at)
}

// admits tells whether a request came with a link that is genuine and works at now.
func (s *signer) admits(r *http.Request, now time.Time) bool {
	query := r.URL.Query()
	at := query.Get("expires")
	if !hmac.Equal([]byte(s.sign(r.URL.Path, at)), []byte(query.Get("signature"))) {
		return false
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	return err == nil && now.Unix() < seconds
}

// minter mints fresh links to the files of one video.
func (s *Simulator) minter(r *http.Request, v *render, now time.Time) func(name string) string {
	base, expires := s.base(r), now.Add(s.opts.LinkLifetime)
	return func(name string) string {
		return base + s.links.link("/files/"+v.ID+"/"+name, expires)
	}
}

// base is where the caller reaches the simulator.
func (s *Simulator) base(r *http.Request) string {
	switch {
	case s.opts.PublicURL != "":
		return s.opts.PublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	default:
		return "http://" + r.Host
	}
}
