//go:build !linux && !darwin

package app

import "errors"

// room does not know how to ask here.
func room(string) (free, total int64, err error) { return 0, 0, errors.ErrUnsupported }
