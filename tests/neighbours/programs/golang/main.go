// Command golang says what Go's own resolver makes of names: each argument is `host:NAME` or `srv:NAME`.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
)

func main() {
	for _, question := range os.Args[1:] {
		kind, name, _ := strings.Cut(question, ":")
		fmt.Println(question + "\t" + answer(kind, name))
	}
}

func answer(kind, name string) string {
	resolver := net.Resolver{PreferGo: true}
	if kind == "host" {
		found, err := resolver.LookupHost(context.Background(), name)
		return strings.Join(append(found, said(err)...), "\t")
	}
	_, records, err := resolver.LookupSRV(context.Background(), "", "", name)
	found := said(err)
	for _, record := range records {
		found = append(found, fmt.Sprintf("%d:%s", record.Port, record.Target))
	}
	return strings.Join(found, "\t")
}

func said(err error) []string {
	var failed *net.DNSError
	if errors.As(err, &failed) {
		return []string{failed.Err}
	}
	return nil
}
