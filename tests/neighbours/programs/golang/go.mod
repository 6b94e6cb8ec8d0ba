module fedresolver.invalid/tests/neighbours/golang

go 1.25.0
