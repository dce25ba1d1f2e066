package netguard_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"heyq/internal/netguard"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]bool{
		"93.184.216.34": true, "2606:2800:220:1::1": true, "::ffff:93.184.216.34": true,
		"127.0.0.1": false, "127.9.9.9": false, "::1": false, "::ffff:127.0.0.1": false,
		"10.0.0.1": false, "172.16.5.4": false, "172.32.0.1": true, "192.168.1.1": false, "fd00::1": false,
		"169.254.169.254": false, "fe80::1": false, "fe80::1%eth0": false,
		"0.0.0.0": false, "0.1.2.3": false, "::": false, "100.64.0.1": false, "100.128.0.1": true,
		"224.0.0.1": false, "ff02::1": false, "255.255.255.255": false, "198.18.0.1": false,
		"64:ff9b::a00:1": false, "2002:7f00:1::": false,
		"fec0::1": false, "::10.0.0.1": false, "::7f00:1": false, "3fff::1": false, "3fff:fff::1": false, "4000::1": false, "5f00::1": false,
		"1::1": false, "100::1": false, "64:ff9b:1::1": false, "168.63.129.16": false, "168.63.129.17": true, "2a00:1450:4001::1": true,
	} {
		if got := netguard.Address(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Address(%s) = %t, want %t", addr, got, want)
		}
	}
}

func TestTransport_refuses_at_dial(t *testing.T) {
	t.Parallel()
	reached := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer server.Close()
	client := &http.Client{Transport: netguard.Transport(func(*http.Transport) {})}
	for _, url := range []string{server.URL, "http://localhost:" + server.URL[len("http://127.0.0.1:"):]} {
		answer, err := client.Get(url)
		if err == nil {
			_ = answer.Body.Close()
		}
		if !errors.Is(err, netguard.ErrNotPublic) {
			t.Errorf("Get(%s): %v, want ErrNotPublic", url, err)
		}
	}
	if reached {
		t.Error("a loopback server was reached")
	}
}
