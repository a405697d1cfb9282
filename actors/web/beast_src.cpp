// The one place where Asio and Beast are compiled; http_listener.cpp sees declarations alone.
#define BOOST_ASIO_SEPARATE_COMPILATION
#define BOOST_BEAST_SEPARATE_COMPILATION

#include <boost/asio/impl/src.hpp>
#include <boost/beast/src.hpp>
