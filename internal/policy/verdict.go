package policy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// ErrInconclusive is the verdict on a call that says nothing about the other
// side: it was never sent, or its own caller gave it up.
var ErrInconclusive = errors.New("inconclusive")

// Judge is the verdict on a request, for a breaker: nil if the other side
// works, whatever it answered; the failure if it could not be reached, did not
// answer in time or answered with a 5xx; ErrInconclusive otherwise. It does not
// hold the URL, which may be a key.
func Judge(resp *http.Response, err error) error {
	switch {
	case err == nil && resp.StatusCode < http.StatusInternalServerError:
		return nil
	case err == nil:
		return fmt.Errorf("it answered %d %s", resp.StatusCode, http.StatusText(resp.StatusCode))
	case errors.Is(err, context.Canceled), errors.Is(err, ErrInconclusive), RefusalIn(err) != nil:
		return ErrInconclusive
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("it did not answer in time")
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	return err
}

func inconclusive(failure error) bool { return errors.Is(failure, ErrInconclusive) }
