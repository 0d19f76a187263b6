#include "RequestParser.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

namespace batuta {

namespace {

bool is_target(beast::string_view method, beast::string_view target) {
    if (target.empty()) return false;
    if (target[0] == '/') return true;
    if (target == "*") return method == "OPTIONS";
    return beast::iequals(target.substr(0, 7), "http://") || beast::iequals(target.substr(0, 8), "https://");
}

// host [":" port]: what RFC 3986 allows in an authority, without user information.
bool is_host(beast::string_view value) {
    for (unsigned char c : value) {
        bool allowed = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
            || beast::string_view("-._~!$&'()*+,;=:[]%").find(static_cast<char>(c)) != beast::string_view::npos;
        if (!allowed) return false;
    }
    return true;
}

bool is_number(beast::string_view value) {
    if (value.empty() || value.size() > 18) return false;
    for (char c : value)
        if (c < '0' || c > '9') return false;
    return true;
}

}  // namespace

bool RequestParser::refuse(int reason, beast::error_code &ec) {
    if (refusal < 0) refusal = reason;
    ec = make_error_code(http::error::bad_value);
    return false;
}

void RequestParser::on_request_impl(http::verb verb, view method, view target, int minor, beast::error_code &ec) {
    block.assign(method.data(), method.size());
    block.append(target.data(), target.size());
    method_count = static_cast<uint32_t>(method.size());
    target_count = static_cast<uint32_t>(target.size());
    version = minor;
    size = method.size() + target.size() + 12;
    is_get = verb == http::verb::get;
    if (!is_target(method, target)) refuse(CB_BAD_TARGET, ec);
}

void RequestParser::on_field_impl(http::field field, view name, view value, beast::error_code &ec) {
    if (head_done) return;  // a trailer is checked by the parser and then dropped
    // The parser takes fields one by one and limits only what it has not yet taken.
    size += name.size() + value.size() + 4;
    if (size > limit) { refuse(CB_HEADER_TOO_LARGE, ec); return; }
    if (field == http::field::host && (++hosts > 1 || !is_host(value))) { refuse(CB_BAD_HOST, ec); return; }
    if (field == http::field::content_length) {
        if (has_length || has_encoding || !is_number(value)) { refuse(CB_BAD_LENGTH, ec); return; }
        has_length = true;
    }
    if (field == http::field::transfer_encoding) {
        if (has_length || has_encoding || version < 11 || !beast::iequals(value, "chunked")) {
            refuse(CB_BAD_TRANSFER_ENCODING, ec);
            return;
        }
        has_encoding = true;
    }
    if (field == http::field::expect) {
        if (!beast::iequals(value, "100-continue")) { refuse(CB_BAD_EXPECTATION, ec); return; }
        expects_continue = version >= 11;
    }
    if (field == http::field::upgrade) upgrade_websocket = http::token_list{value}.exists("websocket");
    if (field == http::field::sec_websocket_key) upgrade_key.assign(value.data(), value.size());
    if (field == http::field::sec_websocket_version) upgrade_version_13 = value == "13";
    auto start = static_cast<uint32_t>(block.size());
    block.append(name.data(), name.size());
    block.append(value.data(), value.size());
    auto name_count = static_cast<uint32_t>(name.size());
    spans.push_back({start, name_count, start + name_count, static_cast<uint32_t>(value.size())});
}

void RequestParser::on_header_impl(beast::error_code &ec) {
    head_done = true;
    if (hosts == 0 && version >= 11) refuse(CB_BAD_HOST, ec);
}

std::size_t RequestParser::on_body_impl(view bytes, beast::error_code &) {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, view bytes, beast::error_code &) {
    body->append(bytes.data(), bytes.size());
    return bytes.size();
}

int reason_of(const RequestParser &parser, beast::error_code ec) {
    if (parser.refusal >= 0) return parser.refusal;
    if (ec == http::error::header_limit) return CB_HEADER_TOO_LARGE;
    if (ec == http::error::body_limit) return CB_BODY_TOO_LARGE;
    if (ec == http::error::bad_version) return CB_BAD_VERSION;
    if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length) return CB_BAD_LENGTH;
    if (ec == http::error::bad_transfer_encoding) return CB_BAD_TRANSFER_ENCODING;
    return CB_BAD_FRAMING;
}

}  // namespace batuta
