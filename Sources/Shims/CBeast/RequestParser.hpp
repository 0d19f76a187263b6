// Beast's parser, collecting a head into one block and refusing what Beast lets through.
#pragma once
#include "include/CBeast.h"

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <string>
#include <vector>

namespace batuta {

namespace beast = boost::beast;
namespace http = boost::beast::http;

struct RequestParser final : http::basic_parser<true> {
    explicit RequestParser(uint32_t limit) : limit(limit) { header_limit(limit); body_limit(boost::none); }

    // Room to keep for the next head; parsers themselves cannot be used twice.
    std::string block;
    struct Span { uint32_t name, name_count, value, value_count; };
    std::vector<Span> spans;

    std::string *body = nullptr;
    uint32_t method_count = 0, target_count = 0;
    int refusal = -1;  // a CB_… reason, found by the checks below
    bool expects_continue = false, head_done = false;
    std::string upgrade_key;
    bool upgrade_websocket = false, upgrade_version_13 = false, is_get = false;

    cb_text method() const { return {block.data(), method_count}; }
    cb_text target() const { return {block.data() + method_count, target_count}; }
    bool wants_websocket() const { return is_get && upgrade_websocket && !upgrade_key.empty() && upgrade() && version == 11; }
    int version = 11;

private:
    using view = beast::string_view;
    const size_t limit;
    size_t size = 0;
    bool has_length = false, has_encoding = false;
    int hosts = 0;

    bool refuse(int reason, beast::error_code &ec);
    void on_request_impl(http::verb, view, view, int, beast::error_code &) override;
    void on_response_impl(int, view, int, beast::error_code &) override {}
    void on_field_impl(http::field, view, view, beast::error_code &) override;
    void on_header_impl(beast::error_code &) override;
    void on_body_init_impl(boost::optional<std::uint64_t> const &, beast::error_code &) override {}
    std::size_t on_body_impl(view, beast::error_code &) override;
    void on_chunk_header_impl(std::uint64_t, view, beast::error_code &) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, view, beast::error_code &) override;
    void on_finish_impl(beast::error_code &) override {}
};

// The reason for which a parse error is refused.
int reason_of(const RequestParser &parser, beast::error_code ec);

}  // namespace batuta
