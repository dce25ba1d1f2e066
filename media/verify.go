package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"heyq/internal/fault"
)

// ErrDiffers says that a published video is not the one that was published.
var ErrDiffers = errors.New("the file differs")

// Verify reads the video that was published under prefix, to its end, and compares
// it with its size and its SHA-256 (hex). An error that Lost is true of says that
// the file is missing or another one; any other says that it cannot be told.
func (l *Library) Verify(ctx context.Context, prefix string, bytes int64, sum string) error {
	file, err := l.Open(ctx, prefix+VideoName)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.Size != bytes {
		return fmt.Errorf("%w: it has %d bytes, and had %d", ErrDiffers, file.Size, bytes)
	}
	hash := sha256.New()
	n, err := io.Copy(hash, &untilDone{ctx, file})
	if err != nil {
		return fmt.Errorf("read %s%s: %w", prefix, VideoName, err)
	}
	if got := hex.EncodeToString(hash.Sum(nil)); n != bytes || got != sum {
		return fmt.Errorf("%w: its SHA-256 is %s, and was %s", ErrDiffers, got, sum)
	}
	return nil
}

// Lost reports whether an error of Verify, or of Open, says that the file is gone
// or is not what was published.
func Lost(err error) bool {
	return errors.Is(err, ErrDiffers) || fault.CodeOf(err) == fault.NotFound
}

// untilDone reads until its context ends: a folder's files know of none.
type untilDone struct {
	ctx context.Context
	in  io.Reader
}

func (r *untilDone) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}
