//go:build !linux && !darwin

package disk

import "errors"

// At is not known on this system.
func At(string) (Room, error) { return Room{}, errors.ErrUnsupported }
