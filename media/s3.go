package media

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
)

// s3Bucket is a bucket of S3, or of a store that speaks like it.
type s3Bucket struct {
	bucket
	client *s3.Client
	name   string
	prefix string // of every key, if the URL has one
}

// plainChecksums has a store that is not Amazon's spared what only Amazon's is known
// to take: the SDK sends a CRC32 behind each body, as a trailer, and many others
// refuse it. Who wants it says so in the URL.
func plainChecksums(q url.Values) {
	if !q.Has("endpoint") {
		return
	}
	for _, name := range []string{"request_checksum_calculation", "response_checksum_validation"} {
		if !q.Has(name) {
			q.Set(name, "when_required")
		}
	}
}

func openBucket(ctx context.Context, u *url.URL) (shelf, error) {
	q := u.Query()
	if u.Scheme == "s3" {
		plainChecksums(q)
	}
	copied := *u
	copied.RawQuery = q.Encode()
	opened, err := blob.OpenBucket(ctx, copied.String())
	if err != nil {
		return nil, err
	}
	var client *s3.Client
	if !opened.As(&client) {
		return bucket{opened}, nil
	}
	return &s3Bucket{bucket{opened}, client, u.Host, q.Get("prefix")}, nil
}

// abortUploads gives up uploads in parts that began before a time: a worker that died in
// the middle of one leaves its parts, which are paid for and listed nowhere.
func (b *s3Bucket) abortUploads(ctx context.Context, before time.Time) (aborted int, err error) {
	prefix := b.prefix + root
	pages := s3.NewListMultipartUploadsPaginator(b.client, &s3.ListMultipartUploadsInput{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return aborted, fmt.Errorf("list uploads: %w", err)
		}
		for _, upload := range page.Uploads {
			if upload.Initiated == nil || !upload.Initiated.Before(before) {
				continue
			}
			_, err := b.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &b.name, Key: upload.Key, UploadId: upload.UploadId})
			if statusOf(err) == http.StatusNotFound {
				continue // it has ended meanwhile
			}
			if err != nil {
				return aborted, fmt.Errorf("give up an upload: %w", err)
			}
			aborted++
		}
	}
	return aborted, nil
}

// AbortUploads gives up what was begun to be uploaded in parts before a time, and
// returns how many there were. Only S3 has such uploads.
func (l *Library) AbortUploads(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := l.call(ctx, "", func(ctx context.Context) (err error) {
		n, err = l.shelf.abortUploads(ctx, before)
		return err
	})
	return n, err
}

// Refuses reports whether an error of TryWrite or AbortUploads is an answer that
// waiting does not change: what was asked is not allowed, or not understood.
func Refuses(err error) bool {
	switch status := statusOf(err); {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return false
	case status == http.StatusNotImplemented:
		return true
	case status > 0:
		return status < 500
	}
	return errors.Is(err, errNoBucket) || errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// statusOf is that of a bucket's answer; 0: there was none.
func statusOf(err error) int {
	answer, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err)
	if !ok {
		return 0
	}
	return answer.HTTPStatusCode()
}
