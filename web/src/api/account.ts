import { get, patch, post } from "./http";
import type { Info, Me } from "./types";

export const getMe = () => get<Me>("/v1/me");
export const getInfo = () => get<Info>("/v1/info");
export const changeMe = (change: Record<string, string | null>) => patch<Me>("/v1/me", change);
export const login = (email: string, password: string) => post<Me>("/v1/login", { email, password });
export const logout = () => post<void>("/v1/logout");
