//go:build !linux

package testservers

import "errors"

var errNoDisk = errors.New("only Linux can do this")

func shutdown(string) error { return errNoDisk }

func freeze(string) (thaw func() error, err error) { return nil, errNoDisk }

func unmount(string, bool) error { return errNoDisk }

func flush(string) error { return errNoDisk }

func fill(string) error { return errNoDisk }
