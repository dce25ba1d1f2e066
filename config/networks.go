package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Networks are blocks of addresses, as 10.0.0.0/8,192.0.2.7.
type Networks []netip.Prefix

// Contain reports whether one of the blocks holds the address.
func (n Networks) Contain(address netip.Addr) bool {
	return slices.ContainsFunc(n, func(block netip.Prefix) bool { return block.Contains(address) })
}

// UnmarshalText reads what an environment variable says.
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.TrimSpace(part)
		block, err := netip.ParsePrefix(part)
		if address, single := netip.ParseAddr(part); single == nil {
			block, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		switch {
		case err != nil:
			return err
		case block.Bits() == 0:
			return fmt.Errorf("%s is everybody", part)
		}
		*n = append(*n, block.Masked())
	}
	return nil
}
