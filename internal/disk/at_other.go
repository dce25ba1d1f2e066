//go:build !(linux || darwin || freebsd)

package disk

import "errors"

func at(string) (Space, error) { return Space{}, errors.ErrUnsupported }
