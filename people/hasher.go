package people

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"

	"heyq/internal/fault"
)

// The parameters of argon2id, as OWASP's cheat sheet has them.
const (
	argonMemory  = 19 << 10 // KiB
	argonTime    = 2
	argonThreads = 1
	argonKey     = 32 // bytes
	argonSalt    = 16
)

const (
	// hashesAtOnce bounds what strangers can make a process hold: 19 MiB each.
	hashesAtOnce = 2
	hashPatience = 10 * time.Second // what a request waits for its turn
)

// hasher hashes passwords, a few at once.
type hasher struct {
	room *semaphore.Weighted
	key  func(password, salt []byte, time, memory uint32, threads uint8, size uint32) []byte
}

func newHasher() *hasher {
	return &hasher{room: semaphore.NewWeighted(hashesAtOnce), key: argon2.IDKey}
}

// hash returns the hash of a password, with a salt of its own.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, argonSalt)
	_, _ = rand.Read(salt) // it never fails
	key, err := h.compute(ctx, password, phc{salt: salt, memory: argonMemory, time: argonTime, threads: argonThreads, size: argonKey})
	if err != nil {
		return "", err
	}
	return phc{argonMemory, argonTime, argonThreads, salt, key, 0}.String(), nil
}

// matches reports whether a hash is that of a password.
func (h *hasher) matches(ctx context.Context, hash, password string) (bool, error) {
	kept, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	key, err := h.compute(ctx, password, kept)
	return err == nil && subtle.ConstantTimeCompare(key, kept.key) == 1, err
}

func (h *hasher) compute(ctx context.Context, password string, p phc) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, hashPatience)
	defer cancel()
	if err := h.room.Acquire(ctx, 1); err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "too many passwords are being compared").WithHint("try again in a moment")
	}
	defer h.room.Release(1)
	return h.key([]byte(password), p.salt, p.time, p.memory, p.threads, p.size), nil
}

// ofNobody returns a hash that no password has.
func ofNobody() string {
	random := make([]byte, argonKey)
	_, _ = rand.Read(random)
	return phc{argonMemory, argonTime, argonThreads, random[:argonSalt], random, 0}.String()
}

// phc is a hash in the PHC string format, which names its parameters: hashes outlive a
// change of them.
type phc struct {
	memory, time uint32
	threads      uint8
	salt, key    []byte
	size         uint32 // of key, if that is to be computed
}

const phcForm = "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"

func (p phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf(phcForm, p.memory, p.time, p.threads, b64(p.salt), b64(p.key))
}

func parsePHC(s string) (p phc, err error) {
	wrong := errors.New("a kept password is no argon2id hash")
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return phc{}, wrong
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.threads); err != nil || n != 3 || p.time < 1 || p.threads < 1 {
		return phc{}, wrong
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(key) == 0 {
		return phc{}, wrong
	}
	p.salt, p.key, p.size = salt, key, uint32(len(key))
	return p, nil
}
